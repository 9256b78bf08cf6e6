import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { NotFoundError } from "@tfsaver/core";
import { contentSecurityPolicy } from "../entry/content-security-policy.js";

/** The built page, from the source as well as from the build. */
const PAGE = fileURLToPath(new URL("../../dist/page/", import.meta.url));

const SERVICE_WORKER = "service-worker.js";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Sends a file of the page. */
export async function answerPage(response: ServerResponse, path: string): Promise<void> {
  const name = path === "" ? "index.html" : path;
  const type = TYPES[extname(name)];
  // A service worker would outlive this server.
  if (name === SERVICE_WORKER || type === undefined || !/^(?:assets\/)?[\w.-]+$/.test(name))
    throw new NotFoundError(`There is no ${name}`);
  let bytes: Buffer;
  try {
    bytes = await readFile(PAGE + name);
  } catch (cause) {
    const hint = name === "index.html" ? ": build it with npm run build" : "";
    throw new NotFoundError(`The page has no ${name}${hint}`, { cause });
  }
  if (name === "index.html") bytes = Buffer.from(bytes.toString().replace("<html", "<html data-served"));
  response.setHeader("Content-Security-Policy", `${contentSecurityPolicy()}; frame-ancestors 'none'`);
  response.writeHead(200, { "Content-Type": type, "Content-Length": bytes.length }).end(bytes);
}
