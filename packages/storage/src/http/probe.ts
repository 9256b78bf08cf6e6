import { UnknownError } from "@tfsaver/core";
import type { CallOptions } from "../storage.js";
import { type Version, versionOf } from "./file-version.js";
import type { Answer, HttpClient } from "./http-client.js";
import { discard, readUpTo } from "./response-body.js";

/**
 * Bytes to read at the start of a file together with its size, and at its end. Most index files are smaller, and on
 * most connections this takes as long as a single byte.
 */
export const CHUNK = 65536;

/** The result of the first request for a file. */
export interface Probe {
  readonly size: number;
  readonly version: Version;
  /** Bytes from the start of the file; `undefined` if none were kept. */
  readonly head: Uint8Array | undefined;
}

/**
 * Finds the size of a file by reading its start. So a small file takes one request, and servers work that refuse HEAD,
 * or have signed a URL for GET only.
 *
 * @param wanted - `"size"` to keep from downloading a large file if the server can only send it whole
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
      throw new UnknownError(`${path}: ${client.url(path)} has no first bytes, according to its server`, {
        path,
      });
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

/**
 * Probes a file whose `Content-Range` is hidden: a server of another origin must allow a page to see that header, but
 * `Content-Length` is always visible.
 */
async function probeWithoutTotal(
  client: HttpClient,
  path: string,
  answer: Answer,
  options: CallOptions | undefined,
): Promise<Probe> {
  const head = await readUpTo(CHUNK, answer.response, client.bodyOf(path), options);
  const size = await client.size(path, options);
  if (head === undefined || size === undefined || head.length !== Math.min(size, CHUNK)) {
    throw new UnknownError(
      `${path}: the server of ${client.url(path)} does not report the size of the file. ` +
        "It must send Content-Range, or answer HEAD with Content-Length. For pages of other origins it must also send " +
        "Access-Control-Expose-Headers: Content-Range, ETag",
      { path },
    );
  }
  return { size, version: { ...versionOf(answer), size }, head };
}
