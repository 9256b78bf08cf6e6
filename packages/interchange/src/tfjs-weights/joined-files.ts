import { OutOfRangeError } from "@tfsaver/core";
import { type CallOptions, closing, type Storage } from "@tfsaver/storage";
import type { FileRange } from "../source/file-source.js";

/** Files that are read as if they were one. Each is open only while it is read, because there may be thousands. */
export class JoinedFiles {
  readonly #ends: number[] = [];

  private constructor(
    private readonly paths: readonly string[],
    private readonly storage: Storage,
  ) {}

  /** @throws `NotFoundError` if a file does not exist. */
  static async open(paths: readonly string[], storage: Storage, options: CallOptions): Promise<JoinedFiles> {
    const joined = new JoinedFiles(paths, storage);
    for (const path of paths) {
      const file = await storage.open(path, options);
      await file.close();
      joined.#ends.push(joined.size + file.size);
    }
    return joined;
  }

  /** Bytes in all files. */
  get size(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /** Returns where a range lies; undefined if it does not lie in one file. */
  locate(offset: number, length: number): FileRange | undefined {
    const shard = this.#ends.findIndex((end) => end > offset);
    const path = this.paths[shard];
    if (path === undefined || offset + length > (this.#ends[shard] as number)) return undefined;
    return { path, offset: offset - (this.#ends[shard - 1] ?? 0), length };
  }

  /** @throws `OutOfRangeError` if the files end before the target is full. */
  async readInto(offset: number, target: Uint8Array, options: CallOptions): Promise<void> {
    if (offset + target.length > this.size) throw new OutOfRangeError(`${this.paths[0]} ends at ${this.size}`);
    let at = 0;
    let shard = this.#ends.findIndex((end) => end > offset);
    while (at < target.length) {
      const end = this.#ends[shard] as number;
      const start = this.#ends[shard - 1] ?? 0;
      const part = target.subarray(at, at + end - offset - at);
      if (part.length > 0) {
        const file = await this.storage.open(this.paths[shard] as string, options);
        await closing(file, () => file.readInto(offset + at - start, [part], options));
      }
      at += part.length;
      shard++;
    }
  }
}
