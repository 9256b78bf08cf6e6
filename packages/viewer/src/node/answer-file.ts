import type { IncomingMessage, ServerResponse } from "node:http";
import type { ReadableFile } from "@tfsaver/storage";

/** Bytes that are read and sent at once (1 MiB). */
const PIECE_BYTES = 1 << 20;

/** Sends a file, or the range of it that is asked for, and closes it. */
export async function answerFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: ReadableFile,
): Promise<void> {
  try {
    const { size } = file;
    const range = rangeOf(request.headers.range, size);
    if (range === undefined) {
      response.writeHead(416, { "Content-Range": `bytes */${size}` }).end();
      return;
    }
    const { start, end, isPart } = range;
    response.writeHead(isPart ? 206 : 200, {
      "Content-Type": "application/octet-stream",
      "Content-Length": end - start,
      "Accept-Ranges": "bytes",
      ...(isPart ? { "Content-Range": `bytes ${start}-${end - 1}/${size}` } : {}),
    });
    if (request.method !== "HEAD") await send(response, file, start, end);
    response.end();
  } finally {
    await file.close();
  }
}

async function send(response: ServerResponse, file: ReadableFile, start: number, end: number): Promise<void> {
  for (let at = start; at < end && !response.destroyed; at += PIECE_BYTES) {
    const piece = new Uint8Array(Math.min(PIECE_BYTES, end - at));
    await file.readInto(at, [piece]);
    if (!response.write(piece)) await drained(response);
  }
}

/** Waits until more can be sent, or the connection ends. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}

/** Returns the bytes that are asked for; undefined if the file has none of them. Whatever is no single range asks for all. */
function rangeOf(header: string | undefined, size: number) {
  const [, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return { start: 0, end: size, isPart: false };
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(Number(last) + 1, size);
  return start < end ? { start, end, isPart: true } : undefined;
}
