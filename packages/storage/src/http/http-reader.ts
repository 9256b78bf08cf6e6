import { OutOfRangeError, throwIfAborted, UnknownError } from "@tfsaver/core";
import type { CallOptions, ReadableFile } from "../storage.js";
import { totalLength } from "../total-length.js";
import { requireSameVersion, type Version, versionOf } from "./file-version.js";
import type { HttpClient } from "./http-client.js";
import { CHUNK, type Probe } from "./probe.js";

/** Bytes of a file that are in memory. */
interface Chunk {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** An open file of an `HttpStorage`. Keeps the start of the file in memory and, once it was read, the end. */
export class HttpReader implements ReadableFile {
  readonly size: number;
  readonly #version: Version;
  /** Sorted by their start. */
  #chunks: readonly Chunk[];

  constructor(
    readonly path: string,
    private readonly client: HttpClient,
    { size, version, head }: Probe & { readonly head: Uint8Array },
  ) {
    this.size = size;
    this.#version = version;
    this.#chunks = [{ start: 0, bytes: head }];
  }

  async readInto(offset: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const { path, size } = this;
    const end = offset + totalLength(targets);
    if (end > size) throw new OutOfRangeError(`${path}: Read less bytes than requested`, { path, offset });
    const missing = this.#firstMissing(offset);
    if (missing < end) {
      const tail = Math.max(size - CHUNK, this.#headEnd);
      if (missing < tail) {
        await this.#fetch(offset, end, targets, options);
        return;
      }
      // The end of a file is read at once: the footer of a table, and the index that it points to.
      const bytes = new Uint8Array(size - tail);
      await this.#fetch(tail, size, [bytes], options);
      this.#keep({ start: tail, bytes });
    }
    this.#copy(offset, targets);
  }

  async close(): Promise<void> {
    this.#chunks = [];
  }

  get #headEnd(): number {
    return this.#chunks[0]?.bytes.length ?? 0;
  }

  /** Returns the first offset from `offset` on that is not in memory. */
  #firstMissing(offset: number): number {
    let at = offset;
    for (const { start, bytes } of this.#chunks) {
      if (start <= at && at < start + bytes.length) at = start + bytes.length;
    }
    return at;
  }

  /** Keeps the end of the file (or all of it) beside its start. Concurrent reads may each fetch the end. */
  #keep(chunk: Chunk): void {
    this.#chunks = [...this.#chunks.filter(({ start }) => start < chunk.start), chunk];
  }

  #copy(offset: number, targets: readonly Uint8Array[]): void {
    let at = offset;
    for (const target of targets) {
      for (const { start, bytes } of this.#chunks) {
        const from = Math.max(at, start);
        const to = Math.min(at + target.length, start + bytes.length);
        if (from < to) target.set(bytes.subarray(from - start, to - start), from - at);
      }
      at += target.length;
    }
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
    this.#chunks = [];
    this.#keep({ start: 0, bytes });
    this.#copy(start, targets);
  }
}
