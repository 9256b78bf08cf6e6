import { DataLossError, throwIfAborted } from "@tfsaver/core";
import type { CallOptions, ReadableFile, Storage } from "@tfsaver/storage";
import type { BundleEntry } from "./entry.js";
import { dataFilename } from "./names.js";

/** The data files of a bundle, each opened when it is first read. */
export class DataFiles {
  readonly #open = new Map<number, Promise<ReadableFile>>();

  constructor(
    private readonly storage: Storage,
    private readonly prefix: string,
    private readonly numShards: number,
  ) {}

  filename(shard: number): string {
    return dataFilename(this.prefix, shard, this.numShards);
  }

  /**
   * Fills `target` with the stored bytes of `entry`, from `start` on.
   *
   * @throws `NotFoundError` if the file does not exist, `DataLossError` if it is too short.
   */
  async readInto(entry: BundleEntry, start: number, target: Uint8Array, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    if (target.length === 0) return;
    const file = await this.fileOf(entry);
    await file.readInto(entry.offset + start, target, options);
  }

  /** The open file of an entry, which is long enough to hold it; so its size may be allocated. */
  async fileOf(entry: BundleEntry): Promise<ReadableFile> {
    let opening = this.#open.get(entry.shard);
    if (opening === undefined) {
      opening = this.storage.open(this.filename(entry.shard));
      this.#open.set(entry.shard, opening);
      // A file that can't be opened now may be there later.
      opening.catch(() => this.#open.delete(entry.shard));
    }
    const file = await opening;
    const end = entry.offset + entry.size;
    if (end > file.size) {
      throw new DataLossError(
        `${file.path}: Read less bytes than requested: tensor ${entry.name} lies at bytes ${entry.offset} to ${end}, ` +
          `but the file has only ${file.size} bytes (was it cut short?)`,
        { path: file.path, offset: entry.offset, tensor: entry.name },
      );
    }
    return file;
  }

  async close(): Promise<void> {
    const files = await Promise.allSettled(this.#open.values());
    this.#open.clear();
    await Promise.all(files.map((file) => (file.status === "fulfilled" ? file.value.close() : undefined)));
  }
}
