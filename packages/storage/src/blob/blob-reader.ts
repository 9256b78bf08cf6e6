import { NotFoundError, OutOfRangeError, throwIfAborted, UnknownError } from "@tfsaver/core";
import { CHUNK_BYTES } from "@tfsaver/core/coding";
import type { CallOptions, ReadableFile } from "../storage.js";
import { totalLength } from "../total-length.js";

/** An open file of a `BlobStorage`. */
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
    // A blob's bytes are copied out of memory of their own, so they are read in chunks.
    // One piece may fill many small targets, and one large target may take many pieces.
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
      // The file behind a blob may be gone, or have changed, which a browser reports as "not readable".
      const { name, message } = cause as Error;
      if (name === "NotFoundError") throw new NotFoundError(`${path}; the file is gone`, { path, cause });
      const why = `${message} (has it changed since it was chosen?)`;
      throw new UnknownError(`${path}: can't be read: ${why}`, { path, offset: start, cause });
    }
    if (bytes.byteLength === end - start) return new Uint8Array(bytes);
    throw new UnknownError(`${path}: ${end - start} bytes were asked for, but ${bytes.byteLength} came`, {
      path,
      offset: start,
    });
  }
}
