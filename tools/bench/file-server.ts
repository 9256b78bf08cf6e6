import { createReadStream, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** Serves the files of a folder on a free port, with range requests. */
export class FileServer {
  private constructor(
    private readonly server: Server,
    /** URL of the folder, with a slash at the end. */
    readonly url: string,
  ) {}

  static async start(folder: string): Promise<FileServer> {
    const server = createServer((request, response) => {
      const path = join(folder, decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname));
      const found = statSync(path, { throwIfNoEntry: false });
      const size = found?.isFile() ? found.size : undefined;
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
      if (size === undefined || first === undefined) {
        // Without a text, Chromium takes the answer for an error, and has no page.
        response.writeHead(size === undefined ? 404 : 200, { "Content-Type": "text/html" }).end("<!doctype html>");
        return;
      }
      const end = Math.min(Number(last), size - 1);
      response.writeHead(206, {
        "Content-Range": `bytes ${first}-${end}/${size}`,
        "Content-Length": end - Number(first) + 1,
      });
      createReadStream(path, { start: Number(first), end, highWaterMark: 1 << 20 }).pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FileServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
