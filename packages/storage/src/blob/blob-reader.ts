import { NotFoundError, OutOfRangeError, throwIfAborted, UnknownError } from "@tfsaver/core";
import { CHUNK_BYTES } from "@tfsaver/core/coding";
import type { CallOptions, ReadableFile } from "../storage.js";
import { totalLength } from "../total-length.js";

/** Reads a blob, or a file of the browser, piece by piece and never whole. */
export class BlobReader implements ReadableFile {
  constructor(
    readonly path: string,
    private readonly blob: Blob,
  ) {}

  get size(): number {
    return this.blob.size;
  }

  async readInto(offset: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const { path, size } = this;
    const end = offset + totalLength(targets);
    if (end > size) throw new OutOfRangeError(`${path}: Read less bytes than requested`, { path, offset });
    // A piece may fill many small targets, and a large target may need many pieces.
    let piece = new Uint8Array();
    let used = 0;
    let next = offset;
    for (const target of targets) {
      for (let filled = 0; filled < target.length; ) {
        if (used === piece.length) {
          throwIfAborted(options?.signal);
          piece = await this.#slice(next, Math.min(next + CHUNK_BYTES, end));
          next += piece.length;
          used = 0;
        }
        const part = piece.subarray(used, used + target.length - filled);
        target.set(part, filled);
        filled += part.length;
        used += part.length;
      }
    }
    throwIfAborted(options?.signal);
  }

  async close(): Promise<void> {}

  async #slice(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const { path } = this;
    let bytes: ArrayBuffer;
    try {
      bytes = await this.blob.slice(start, end).arrayBuffer();
    } catch (cause) {
      // The file behind a blob may have been removed or changed; a browser reports a change as "not readable".
      const { name, message } = cause as Error;
      if (name === "NotFoundError") throw new NotFoundError(`${path} no longer exists`, { path, cause });
      const hint = "The file may have changed since it was chosen; choose it again";
      throw new UnknownError(`${path} cannot be read: ${message.replace(/\.$/, "")}. ${hint}`, {
        path,
        offset: start,
        cause,
      });
    }
    if (bytes.byteLength === end - start) return new Uint8Array(bytes);
    throw new UnknownError(`${path}: read ${bytes.byteLength} bytes instead of ${end - start}`, {
      path,
      offset: start,
    });
  }
}
