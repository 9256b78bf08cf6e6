import { dataFilename, stagedDataFilename } from "@tfsaver/checkpoint-names";
import { DataLossError, throwIfAborted } from "@tfsaver/core";
import type { CallOptions, ReadableFile, Storage } from "@tfsaver/storage";
import type { BundleEntry } from "../encode/entry.js";
import { openFirst } from "./open-index-file.js";
import type { DataRead } from "./whole/plan-reads.js";

/** The data files of a bundle. Each is opened when it is first read. */
export class DataFiles {
  readonly #open = new Map<number, Promise<ReadableFile>>();

  constructor(
    private readonly storage: Storage,
    private readonly prefix: string,
    private readonly numShards: number,
    /** True if some may still have their staged names: see `commitBundle`. */
    private readonly isStaged: boolean,
  ) {}

  filename(shard: number): string {
    return dataFilename(this.prefix, shard, this.numShards);
  }

  /** Returns the size of a data file in bytes. */
  async size(shard: number): Promise<number> {
    return (await this.#file(shard)).size;
  }

  /**
   * Checks that the data files are long enough to hold the entries, so that it is safe to allocate their sizes. Empty entries
   * need no file.
   *
   * @param near - where the first read will be; see `OpenOptions`. Default: at the first entry
   * @throws `NotFoundError` if a file does not exist, `DataLossError` if one is too short.
   */
  async requireRoom(entries: readonly BundleEntry[], near = entries[0]?.offset): Promise<void> {
    const byShard = new Map<number, ReadableFile>();
    for (const [i, { name, shard, offset, size }] of entries.entries()) {
      if (size === 0) continue;
      const file = byShard.get(shard) ?? (await this.#file(shard, i === 0 ? near : offset));
      byShard.set(shard, file);
      const end = offset + size;
      if (end <= file.size) continue;
      throw new DataLossError(
        `${file.path}: Read less bytes than requested: tensor ${name} lies at bytes ${offset} to ${end}, ` +
          `but the file has only ${file.size} bytes: it may be truncated`,
        { path: file.path, offset, tensor: name },
      );
    }
  }

  /** Fills `target` with the stored bytes of `entry` from `start` on. Throws as {@link DataFiles.requireRoom}. */
  async readPart(entry: BundleEntry, start: number, target: Uint8Array, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    if (target.length === 0) return;
    await this.requireRoom([entry], entry.offset + start);
    const file = await this.#file(entry.shard);
    await file.readInto(entry.offset + start, [target], options);
  }

  /** Executes a planned read into `targets`. Check its entries with {@link DataFiles.requireRoom} first. */
  async read(plan: DataRead, targets: readonly Uint8Array[], options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    if (plan.length === 0) return;
    const file = await this.#file(plan.shard);
    await file.readInto(plan.offset, targets, options);
  }

  #file(shard: number, near?: number): Promise<ReadableFile> {
    let opening = this.#open.get(shard);
    if (opening === undefined) {
      const path = this.filename(shard);
      const staged = stagedDataFilename(this.prefix, shard, this.numShards);
      opening = openFirst(this.storage, this.isStaged ? [staged, path] : [path], { near });
      this.#open.set(shard, opening);
      // Try again next time: a file that can't be opened now may be there later.
      opening.catch(() => this.#open.delete(shard));
    }
    return opening;
  }

  async close(): Promise<void> {
    const files = await Promise.allSettled(this.#open.values());
    this.#open.clear();
    await Promise.all(files.map((file) => (file.status === "fulfilled" ? file.value.close() : undefined)));
  }
}
