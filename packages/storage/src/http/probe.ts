import { UnknownError } from "@tfsaver/core";
import type { CallOptions } from "../storage.js";
import { type Version, versionOf } from "./file-version.js";
import type { Answer, HttpClient } from "./http-client.js";
import { discard, readUpTo } from "./response-body.js";

/**
 * Bytes that are asked for along with a file's size, and at its end. Whole index files are mostly smaller, and on most
 * connections this takes as long as one byte does.
 */
export const CHUNK = 65536;

/** What is known of a file after the first request for it. */
export interface Probe {
  readonly size: number;
  readonly version: Version;
  /** Bytes from the file's start; `undefined` if none were kept. */
  readonly head: Uint8Array | undefined;
}

/**
 * Finds out how large a file is by reading its start: so one request does where the file is small, and servers that
 * refuse HEAD, or have signed a URL for GET alone, do as well.
 *
 * @param wanted - `"size"` if no more of the file than its size is wanted; so that where only the whole file can be had,
 * a large one is not fetched
 */
export async function probe(
  client: HttpClient,
  path: string,
  wanted: "size" | "content",
  options?: CallOptions,
): Promise<Probe> {
  const answer = await client.range(path, { start: 0, end: CHUNK }, options);
  const version = versionOf(answer);
  switch (answer.kind) {
    case "whole": {
      const { response, total } = answer;
      if (wanted === "size" && total !== undefined && total > CHUNK) {
        discard(response);
        return { size: total, version, head: undefined };
      }
      const head = await client.whole(path, response, options);
      return { size: head.length, version: { ...version, size: head.length }, head };
    }
    case "nothing":
      if ((answer.total ?? 0) === 0) return { size: 0, version, head: new Uint8Array() };
      throw new UnknownError(`${path}: ${client.url(path)} has no start, says its server (HTTP 416)`, { path });
    case "part":
      return answer.total === undefined
        ? probeWithoutTotal(client, path, answer, options)
        : { size: answer.total, version, head: await headOf(client, path, answer.total, answer, options) };
  }
}

async function headOf(client: HttpClient, path: string, size: number, { response }: Answer, options?: CallOptions) {
  const head = new Uint8Array(Math.min(size, CHUNK));
  await client.fill(path, [head], response, options);
  return head;
}

/** Another origin's server lets a page see `Content-Range` only if it says so; but it always shows `Content-Length`. */
async function probeWithoutTotal(
  client: HttpClient,
  path: string,
  answer: Answer,
  options: CallOptions | undefined,
): Promise<Probe> {
  const head = await readUpTo(CHUNK, answer.response, { path, url: client.url(path) }, options);
  const size = await client.size(path, options);
  if (head === undefined || size === undefined || head.length !== Math.min(size, CHUNK)) {
    throw new UnknownError(
      `${path}: the server of ${client.url(path)} does not tell how large the file is. It has to send Content-Range ` +
        "or to answer HEAD with Content-Length; and to a page of another origin it has to show the former " +
        "(Access-Control-Expose-Headers: Content-Range, ETag)",
      { path },
    );
  }
  return { size, version: { ...versionOf(answer), size }, head };
}
