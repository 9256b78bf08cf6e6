import { OutOfRangeError, throwIfAborted, UnknownError } from "@tfsaver/core";
import { FetchedParts } from "../remote/fetched-parts.js";
import type { CallOptions, ReadableFile } from "../storage.js";
import { totalLength } from "../total-length.js";
import { requireSameVersion, type Version, versionOf } from "./file-version.js";
import type { HttpClient } from "./http-client.js";
import { CHUNK, type Probe } from "./probe.js";

/** An open file of an `HttpStorage`. Keeps the start of the file in memory and, once it was read, the end. */
export class HttpReader implements ReadableFile {
  readonly size: number;
  readonly #version: Version;
  readonly #parts = new FetchedParts();
  readonly #headEnd: number;

  constructor(
    readonly path: string,
    private readonly client: HttpClient,
    { size, version, head }: Probe & { readonly head: Uint8Array },
  ) {
    this.size = size;
    this.#version = version;
    this.#headEnd = head.length;
    this.#parts.add(0, head);
  }

  async readInto(offset: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const { path, size } = this;
    const end = offset + totalLength(targets);
    if (end > size) throw new OutOfRangeError(`${path}: Read less bytes than requested`, { path, offset });
    const missing = this.#parts.firstMissing(offset);
    if (missing < end) {
      const tail = Math.max(size - CHUNK, this.#headEnd);
      if (missing < tail) {
        await this.#fetch(offset, end, targets, options);
        return;
      }
      // The end of a file is read at once: the footer of a table, and the index that it points to.
      const bytes = new Uint8Array(size - tail);
      await this.#fetch(tail, size, [bytes], options);
      this.#parts.add(tail, bytes);
    }
    this.#parts.copy(offset, targets);
  }

  async close(): Promise<void> {
    this.#parts.clear();
  }

  async #fetch(start: number, end: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void> {
    const { path, client } = this;
    const answer = await client.range(path, { start, end }, options);
    const now = versionOf(answer);
    if (answer.kind === "part") {
      requireSameVersion(path, this.#version, now);
      await client.fill(path, targets, answer.response, options);
      return;
    }
    // A server that sent parts before may now send the whole file, as a cache does that has to fetch it first.
    const bytes = answer.kind === "whole" ? await client.whole(path, answer.response, options) : undefined;
    requireSameVersion(path, this.#version, { ...now, size: bytes?.length ?? now.size });
    if (bytes === undefined) {
      throw new UnknownError(
        `${path}: ${client.url(path)} has no bytes ${start} to ${end - 1}, according to its server`,
        {
          path,
        },
      );
    }
    this.#parts.add(0, bytes);
    this.#parts.copy(start, targets);
  }
}
