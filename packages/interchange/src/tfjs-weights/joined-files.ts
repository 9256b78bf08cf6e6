import { OutOfRangeError, unlessAborted } from "@tfsaver/core";
import type { CallOptions, ReadableFile, Storage } from "@tfsaver/storage";
import type { FileRange } from "../source/file-source.js";

/** Most files that stay open. There may be thousands. */
const MAX_OPEN = 4;

interface OpenFile {
  readonly file: Promise<ReadableFile>;
  /** Number of reads that are going on. */
  users: number;
}

/** Files that are read as if they were one. Close them after use. */
export class JoinedFiles {
  readonly #ends: number[] = [];
  /** By shard, the one that was used last at the end. */
  readonly #open = new Map<number, OpenFile>();

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
      if (part.length > 0) await this.#read(shard, offset + at - start, part, options);
      at += part.length;
      shard++;
    }
  }

  async close(): Promise<void> {
    await this.#closeUnused(0);
  }

  async #read(shard: number, near: number, target: Uint8Array, options: CallOptions): Promise<void> {
    const open = this.#open.get(shard) ?? this.#openFile(shard, near);
    // The newest is last.
    this.#open.delete(shard);
    this.#open.set(shard, open);
    open.users++;
    try {
      const file = await unlessAborted(open.file, options.signal);
      await file.readInto(near, [target], options);
    } finally {
      open.users--;
      await this.#closeUnused(MAX_OPEN);
    }
  }

  /** Opens a file for all that read it, so none of them can stop that. */
  #openFile(shard: number, near: number): OpenFile {
    const open = { file: this.storage.open(this.paths[shard] as string, { near }), users: 0 };
    // Tried again next time.
    open.file.catch(() => this.#open.get(shard) === open && this.#open.delete(shard));
    return open;
  }

  async #closeUnused(most: number): Promise<void> {
    for (const [shard, open] of this.#open) {
      if (this.#open.size <= most) return;
      if (open.users > 0) continue;
      this.#open.delete(shard);
      await open.file.then(
        (file) => file.close(),
        () => undefined,
      );
    }
  }
}
