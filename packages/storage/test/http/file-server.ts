import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** Differences from a correct server. */
export interface Quirks {
  /** Answers every request with this status. */
  readonly status?: number;
  /** Status of answers to HEAD. */
  readonly headStatus?: number;
  /** True if the server supports range requests. Default: true. */
  readonly ranges?: boolean;
  /** Replaces headers; `undefined` omits one. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Changes the body after its headers were made. */
  readonly body?: (bytes: Uint8Array) => Uint8Array;
  /** Compresses every body, even of parts. */
  readonly gzip?: boolean;
  /** Breaks the connection after half of the body. */
  readonly breaks?: boolean;
  /** Never ends an answer. */
  readonly hangs?: boolean;
}

/** A server on the loopback interface that records its requests. */
export interface FileServer {
  readonly url: string;
  readonly files: Map<string, Uint8Array>;
  /** Such as `GET /path bytes=0-9`. */
  readonly requests: string[];
  readonly received: IncomingMessage["headers"][];
  quirks: Quirks;
  close(): Promise<void>;
}

export async function serveFiles(files: Readonly<Record<string, Uint8Array>> = {}): Promise<FileServer> {
  const server = createServer((request, response) => {
    const range = request.headers.range;
    here.requests.push(`${request.method} ${request.url}${range === undefined ? "" : ` ${range}`}`);
    here.received.push(request.headers);
    const path = decodeURIComponent(new URL(request.url ?? "", "http://localhost").pathname);
    answer(request, response, here.files.get(path), here.quirks);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const here: FileServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files: new Map(Object.entries(files)),
    requests: [],
    received: [],
    quirks: {},
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => void server.close(() => done()));
    },
  };
  return here;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  file: Uint8Array | undefined,
  quirks: Quirks,
): void {
  const status = request.method === "HEAD" ? (quirks.headStatus ?? quirks.status) : quirks.status;
  if (status !== undefined || file === undefined) {
    response.writeHead(status ?? 404).end("no");
    return;
  }
  const range = quirks.ranges === false ? null : /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  const start = Number(range?.[1] ?? 0);
  const end = Math.min(range === null ? file.length : Number(range[2]) + 1, file.length);
  const headers: Record<string, string | undefined> = { "Last-Modified": "Tue, 05 May 2026 10:00:00 GMT" };
  if (range !== null && start >= file.length) {
    response.writeHead(416, plain({ "Content-Range": `bytes */${file.length}`, ...quirks.headers })).end();
    return;
  }
  let body = file.subarray(start, end);
  if (range !== null) headers["Content-Range"] = `bytes ${start}-${end - 1}/${file.length}`;
  if (quirks.gzip) {
    body = gzipSync(body);
    headers["Content-Encoding"] = "gzip";
  }
  headers["Content-Length"] = String(body.length);
  response.writeHead(range === null ? 200 : 206, plain({ ...headers, ...quirks.headers }));
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const bytes = quirks.body?.(body) ?? body;
  if (quirks.breaks) response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  else if (quirks.hangs) response.write(bytes.subarray(0, 1));
  else response.end(bytes);
}

function plain(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}
