import { existsSync, readFileSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { goldensFolder } from "../../fixtures/files.js";

/**
 * Serves the goldens below `/goldens/`, with range requests. Vite would serve them too, but answers with a page if a file is
 * missing.
 */
export function serveGoldens(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (!pathname.startsWith("/goldens/")) {
    next();
    return;
  }
  const path = goldensFolder + decodeURIComponent(pathname.slice("/goldens/".length));
  if (path.includes("..") || !existsSync(path) || !statSync(path).isFile()) {
    response.writeHead(404).end();
    return;
  }
  const bytes = readFileSync(path);
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  const start = Number(first);
  const end = Math.min(Number(last) + 1, bytes.length);
  if (first === undefined) response.writeHead(200, { "Content-Length": bytes.length }).end(bytes);
  else if (start >= bytes.length) response.writeHead(416, { "Content-Range": `bytes */${bytes.length}` }).end();
  else {
    const headers = { "Content-Range": `bytes ${start}-${end - 1}/${bytes.length}`, "Content-Length": end - start };
    response.writeHead(206, headers).end(bytes.subarray(start, end));
  }
}
