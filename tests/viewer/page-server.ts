import { createReadStream, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};

/** Serves the page, and the checkpoints of a folder below `/files/` with range requests. */
export class PageServer {
  #bytes = 0;

  private constructor(
    private readonly server: Server,
    /** URL of the page. */
    readonly url: string,
  ) {}

  static async start(page: string, files: string): Promise<PageServer> {
    const count = (bytes: number) => {
      started.#bytes += bytes;
    };
    const server = createServer((request, response) => {
      const pathname = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
      const isFile = pathname.startsWith("/files/");
      const path = isFile ? join(files, pathname.slice(7)) : join(page, pathname === "/" ? "index.html" : pathname);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (!stat?.isFile()) {
        response.writeHead(404).end();
        return;
      }
      const { size } = stat;
      const type = { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream" };
      const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
      if (first === undefined) {
        response.writeHead(200, { ...type, "Content-Length": size });
        createReadStream(path).pipe(response);
        return;
      }
      const start = Number(first);
      const end = last ? Math.min(Number(last), size - 1) : size - 1;
      if (isFile) count(end - start + 1);
      if (start >= size) {
        response.writeHead(416, { "Content-Range": `bytes */${size}` }).end();
        return;
      }
      response.writeHead(206, {
        ...type,
        "Content-Range": `bytes ${start}-${end}/${size}`,
        "Content-Length": end - start + 1,
      });
      createReadStream(path, { start, end }).pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const started = new PageServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return started;
  }

  /** Returns the bytes of files that were served since the last call. */
  takeBytes(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
