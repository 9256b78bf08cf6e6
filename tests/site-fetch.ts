import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./workspace.js";

const EXAMPLE = "https://tfsaver.github.io/tfsaver/example/";

/** Answers requests for the checkpoint on the documentation site from the repository. There are no other servers. */
export async function fetchFromSite(url: string, { headers }: RequestInit = {}): Promise<Response> {
  const file = join(root, "fixtures/goldens/v2-with-meta", url.slice(EXAMPLE.length));
  if (!url.startsWith(EXAMPLE) || !existsSync(file)) return new Response(null, { status: 404 });
  const bytes = readFileSync(file);
  const [, first = "0", last] = /^bytes=(\d+)-(\d*)$/.exec(new Headers(headers).get("Range") ?? "") ?? [];
  const end = Math.min(bytes.length, last ? Number(last) + 1 : bytes.length);
  const range = `bytes ${first}-${end - 1}/${bytes.length}`;
  return new Response(bytes.subarray(Number(first), end), { status: 206, headers: { "Content-Range": range } });
}
