import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** What a server of another origin than the page does. */
interface ForeignServerOptions {
  /** True if it allows other pages to read from it. */
  readonly cors: boolean;
  /** True if it sends parts of files. */
  readonly ranges: boolean;
}

/** Serves the files of a folder from an origin of its own, while `use` runs. */
export async function withForeignServer(
  folder: string,
  { cors, ranges }: ForeignServerOptions,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    if (cors) {
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.setHeader("Access-Control-Allow-Headers", "Range");
      response.setHeader("Access-Control-Expose-Headers", "Content-Range, ETag");
    }
    const path = join(folder, decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname));
    const stat = statSync(path, { throwIfNoEntry: false });
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    if (request.method === "OPTIONS") response.writeHead(204).end();
    else if (stat?.isDirectory())
      response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><p>A list");
    else if (stat === undefined) response.writeHead(404).end();
    else if (!ranges || first === undefined) {
      response.writeHead(200, { "Content-Length": stat.size });
      createReadStream(path).pipe(response);
    } else {
      const start = Number(first);
      const end = Math.min(Number(last), stat.size - 1);
      const headers = { "Content-Range": `bytes ${start}-${end}/${stat.size}`, "Content-Length": end - start + 1 };
      response.writeHead(206, headers);
      createReadStream(path, { start, end }).pipe(response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
