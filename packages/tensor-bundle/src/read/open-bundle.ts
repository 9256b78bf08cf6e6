import { isCheckpointError } from "@tfsaver/core";
import { type CallOptions, type Storage, storageAt } from "@tfsaver/storage";
import type { BundleEntry } from "../encode/entry.js";
import { BundleIndex } from "./bundle-index.js";
import { DataFiles } from "./data-files.js";
import type { EntryPlace } from "./whole/tensor-buffer.js";

/** The files of an open bundle: its index, and its data files. */
export class OpenBundle {
  readonly #places = new Map<number, EntryPlace>();

  private constructor(
    readonly prefix: string,
    readonly index: BundleIndex,
    readonly data: DataFiles,
    private readonly storage: Storage,
  ) {}

  /** Opens the index. Data files are opened when they are first read. Throws as `BundleReader.open`. */
  static async open(all: Storage, prefix: string, options?: CallOptions): Promise<OpenBundle> {
    const storage = storageAt(all, prefix);
    const index = await BundleIndex.open(storage, prefix, options);
    const data = new DataFiles(storage, prefix, index.header.numShards, index.isStaged);
    return new OpenBundle(prefix, index, data, storage);
  }

  /** Returns the file of an entry and its byte order. */
  placeOf({ shard }: BundleEntry): EntryPlace {
    const { prefix, data, index } = this;
    const place = this.#places.get(shard) ?? {
      prefix,
      dataPath: data.filename(shard),
      endianness: index.header.endianness,
    };
    this.#places.set(shard, place);
    return place;
  }

  /**
   * Explains an error of reading: if the checkpoint was replaced or removed since it was opened, returns the error that says
   * so, otherwise the error itself.
   */
  async explain(error: unknown): Promise<unknown> {
    if (!isCheckpointError(error, "DataLossError", "NotFoundError")) return error;
    return this.index.requireUnchanged(this.storage, this.prefix).then(
      () => error,
      (change: unknown) => (isCheckpointError(change, "AbortedError", "NotFoundError") ? change : error),
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.index.close(), this.data.close()]);
  }
}
