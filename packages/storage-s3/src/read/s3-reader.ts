import { GetObjectCommand } from "@aws-sdk/client-s3";
import { AbortedError, OutOfRangeError, throwIfAborted, UnimplementedError } from "@tfsaver/core";
import { type CallOptions, type OpenOptions, type ReadableFile, totalLength } from "@tfsaver/storage";
import { FetchedParts, parseContentRange } from "@tfsaver/storage/remote";
import { Failure } from "../requests/failure.js";
import type { Requests } from "../requests/requests.js";
import type { Slots } from "../requests/slots.js";
import { fill } from "./body.js";
import { cutTargets } from "./cut-targets.js";

/** Bytes to fetch together with the size, and at the end of a file: on most connections they take as long as a single one. */
const CHUNK = 64 << 10;
/** Bytes of the smallest range that is fetched on a connection of its own (8 MiB). */
const LEAST_PIECE = 8 << 20;

/** What the files that are read share. */
export interface ReadContext {
  readonly requests: Requests;
  readonly slots: Slots;
  /** Number of slots. */
  readonly width: number;
}

/** Opens a file with one request, which also reads 64 KiB from {@link OpenOptions.near} on. */
export async function openFile(
  context: ReadContext,
  path: string,
  key: string,
  { near = 0, signal }: OpenOptions = {},
): Promise<S3Reader> {
  const { requests } = context;
  const Range = `bytes=${near}-${near + CHUNK - 1}`;
  const opened = await requests.run<S3Reader | "shorter">(
    { name: "GetObject", path, key, signal },
    async (attempt) => {
      const command = new GetObjectCommand({ Bucket: requests.bucket, Key: key, Range });
      const answer = await requests.client.send(command, attempt);
      const { sent, total: size = answer.ContentLength ?? 0 } = parseContentRange(answer.ContentRange ?? null) ?? {};
      if (sent === undefined && (near > 0 || size > CHUNK)) throw noRanges(path);
      const bytes = new Uint8Array(Math.max(0, Math.min(size - near, CHUNK)));
      await fill([bytes], answer.Body, attempt);
      return new S3Reader(context, path, key, { size, version: answer.ETag, start: near, bytes });
    },
    (failure) => {
      if (failure.status !== 416) return undefined;
      return near > 0
        ? "shorter"
        : new S3Reader(context, path, key, { size: 0, version: undefined, start: 0, bytes: new Uint8Array() });
    },
  );
  return opened === "shorter" ? openFile(context, path, key, { signal }) : opened;
}

function noRanges(path: string): UnimplementedError {
  return new UnimplementedError(`${path}: the server sends whole files only, not the range that was asked for`, {
    path,
  });
}

/** An open file. Keeps what was fetched first and, once it was read, the end. */
class S3Reader implements ReadableFile {
  readonly size: number;
  readonly #version: string | undefined;
  readonly #parts = new FetchedParts();

  constructor(
    private readonly context: ReadContext,
    readonly path: string,
    private readonly key: string,
    first: { size: number; version: string | undefined; start: number; bytes: Uint8Array },
  ) {
    this.size = first.size;
    this.#version = first.version;
    this.#parts.add(first.start, first.bytes);
  }

  async readInto(offset: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const { path, size } = this;
    const end = offset + totalLength(targets);
    if (end > size) throw new OutOfRangeError(`${path}: Read less bytes than requested`, { path, offset });
    const missing = this.#parts.firstMissing(offset);
    if (missing < end) {
      const tail = Math.max(size - CHUNK, 0);
      if (missing < tail) return this.#fetch(offset, targets, options);
      // The end of a file is read at once: the footer of a table, and the index that it points to.
      const from = this.#parts.firstMissing(tail);
      const bytes = new Uint8Array(size - from);
      await this.#fetch(from, [bytes], options);
      this.#parts.add(from, bytes);
    }
    this.#parts.copy(offset, targets);
  }

  async close(): Promise<void> {
    this.#parts.clear();
  }

  /** Fetches a range, a large one in several parts at the same time. */
  async #fetch(offset: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void> {
    const { slots, width } = this.context;
    const length = totalLength(targets);
    const count = Math.min(width, Math.max(1, Math.floor(length / LEAST_PIECE)));
    const step = Math.ceil(length / count);
    const others = new AbortController();
    const signal = options?.signal ? AbortSignal.any([options.signal, others.signal]) : others.signal;
    const pieces = Array.from({ length: count }, (_, i) => {
      const [from, to] = [Math.min(i * step, length), Math.min((i + 1) * step, length)];
      return slots.run(() => this.#fetchPiece(offset + from, cutTargets(targets, from, to), signal));
    });
    try {
      await Promise.all(pieces);
    } catch (error) {
      others.abort();
      // They must not write to the targets afterwards.
      await Promise.allSettled(pieces);
      throw error;
    }
  }

  /** Fetches a range with one request; if a body is cut, with another one for the rest. */
  async #fetchPiece(offset: number, targets: readonly Uint8Array[], signal: AbortSignal): Promise<void> {
    const { path, key } = this;
    const { requests } = this.context;
    const length = totalLength(targets);
    let done = 0;
    await requests.run(
      { name: "GetObject", path, key, signal },
      async (attempt) => {
        const start = offset + done;
        if (done < length) {
          const Range = `bytes=${start}-${offset + length - 1}`;
          const command = new GetObjectCommand({ Bucket: requests.bucket, Key: key, Range, IfMatch: this.#version });
          const answer = await requests.client.send(command, attempt);
          const { sent } = parseContentRange(answer.ContentRange ?? null) ?? {};
          if (sent?.start !== start || sent.end !== offset + length)
            throw new Failure(`other bytes than ${Range} (${answer.ContentRange})`, { code: "WrongRange" });
          await fill(cutTargets(targets, done, length), answer.Body, attempt, (count) => {
            done += count;
          });
        }
        return true;
      },
      (failure) => {
        if (!failure.isUnmet && failure.status !== 416) return undefined;
        throw new AbortedError(`${path} changed while it was being read. Open it again`, { path });
      },
    );
  }
}
