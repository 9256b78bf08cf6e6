import {
  DataLossError,
  type DType,
  isCheckpointError,
  NotFoundError,
  type OperationOptions,
  type Shape,
  type Tensor,
  type TensorSlice,
  UnimplementedError,
} from "@tfsaver/core";
import { TableReader } from "@tfsaver/sstable";
import { type CallOptions, closing, glob, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { type BundleEntry, BundleReader, dataFilename, indexFilename } from "@tfsaver/tensor-bundle";

/** What a checkpoint says of one tensor without reading it. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType;
  /** Of the whole tensor, also if it is stored in slices. */
  readonly shape: Shape;
  /** Bytes it takes in the checkpoint. */
  readonly size: number;
  /** The parts in which a partitioned tensor is stored; empty for one that is stored whole. */
  readonly slices: readonly TensorSlice[];
  /** Which data file it lies in, counted from 0; of a partitioned tensor, where its index entry says. */
  readonly shard: number;
}

/** What to read of a checkpoint: a tensor, or a part of it. */
export interface TensorRequest {
  readonly name: string;
  /** Default: the whole tensor. */
  readonly slice?: TensorSlice | undefined;
}

/** One read of a file, which may serve several tensors that lie next to each other. */
export interface PlannedRead {
  readonly path: string;
  /** Byte offset in that file. */
  readonly offset: number;
  readonly length: number;
  /** Names of the tensors (or slices) that are read. */
  readonly tensors: readonly string[];
}

/** An open checkpoint of either format. {@link CheckpointReader.close} it after use. */
export interface CheckpointReader {
  readonly prefix: string;
  readonly format: "V2";
  /** Number of data files. */
  readonly numShards: number;
  /** Whether there is a tensor of this name. */
  has(name: string, options?: CallOptions): Promise<boolean>;
  /** What the checkpoint says of a tensor, or `undefined` if it has none of that name. */
  info(name: string, options?: CallOptions): Promise<TensorInfo | undefined>;
  /** All tensors in the order of their names' bytes. */
  tensors(options?: CallOptions): AsyncIterable<TensorInfo>;
  /**
   * The value of a tensor, or of a part of it, in memory of its own.
   *
   * @throws `NotFoundError` (`Key … not found in checkpoint`), `DataLossError`; `InvalidArgumentError` or
   * `InternalError` if stored slices don't cover it or the slice does not fit.
   */
  get(name: string, slice?: TensorSlice, options?: CallOptions): Promise<Tensor>;
  /**
   * Reads a numeric tensor, or a part of it, into memory of the caller's, which has exactly its size in bytes;
   * little-endian.
   *
   * @throws as {@link CheckpointReader.get}, and `InvalidArgumentError` if the target has another size.
   */
  getInto(name: string, target: Uint8Array, slice?: TensorSlice, options?: CallOptions): Promise<void>;
  /**
   * Reads many tensors with few reads, in the order in which they lie in the files; neighbours in one read. Takes
   * little more memory than the largest of them.
   */
  getEach(
    requests: readonly TensorRequest[],
    options?: CallOptions,
  ): AsyncIterable<{ readonly request: TensorRequest; readonly tensor: Tensor }>;
  /** The reads that {@link CheckpointReader.getEach} would do, so that a cost can be shown before it is paid. */
  plan(requests: readonly TensorRequest[], options?: CallOptions): Promise<PlannedRead[]>;
  close(): Promise<void>;
}

/** Options of {@link openCheckpoint}. */
export interface OpenCheckpointOptions extends OperationOptions {
  /** Where to read. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/**
 * Opens a checkpoint by its prefix (`tf.train.load_checkpoint`): of format V2 if `<prefix>.index` exists.
 *
 * @throws `NotFoundError` if there is no such checkpoint; `DataLossError` if it is damaged or no checkpoint at all;
 * `UnimplementedError` for format V1.
 */
export async function openCheckpoint(prefix: string, options: OpenCheckpointOptions = {}): Promise<CheckpointReader> {
  const storage = options.storage ?? defaultStorage();
  if ((await storage.stat(indexFilename(prefix))) !== undefined) {
    return new V2Reader(await BundleReader.open(prefix, options));
  }
  const [file] = await glob(storage, prefix);
  if (file === undefined || (await storage.stat(file))?.kind === "directory") {
    throw new NotFoundError(
      `Unsuccessful TensorSliceReader constructor: Failed to find any matching files for ${prefix}`,
      { path: prefix },
    );
  }
  await requireTable(storage, file);
  throw new UnimplementedError(`${file} is a checkpoint of format V1, which can't be read yet`, { path: file });
}

async function requireTable(storage: Storage, path: string): Promise<void> {
  const file = await storage.open(path);
  try {
    await closing(file, () => TableReader.open(file));
  } catch (cause) {
    if (!isCheckpointError(cause, "DataLossError")) throw cause;
    throw new DataLossError(
      `Unable to open table file ${path}: ${cause.message}: perhaps your file is in a different file format and you ` +
        "need to use a different restore operator?",
      { path, cause },
    );
  }
}

class V2Reader implements CheckpointReader {
  readonly format = "V2";

  constructor(private readonly bundle: BundleReader) {}

  get prefix(): string {
    return this.bundle.prefix;
  }

  get numShards(): number {
    return this.bundle.header.numShards;
  }

  async has(name: string, options?: CallOptions): Promise<boolean> {
    return (await this.bundle.entry(name, options)) !== undefined;
  }

  async info(name: string, options?: CallOptions): Promise<TensorInfo | undefined> {
    const entry = await this.bundle.entry(name, options);
    return entry && this.#infoOf(entry, options);
  }

  async *tensors(options?: CallOptions): AsyncGenerator<TensorInfo> {
    for await (const entry of this.bundle.entries(options)) yield this.#infoOf(entry, options);
  }

  get(name: string, slice?: TensorSlice, options?: CallOptions): Promise<Tensor> {
    return this.bundle.get(name, slice, options);
  }

  getInto(name: string, target: Uint8Array, slice?: TensorSlice, options?: CallOptions): Promise<void> {
    return this.bundle.getInto(name, target, slice, options);
  }

  getEach(requests: readonly TensorRequest[], options?: CallOptions) {
    return this.bundle.getEach(requests, options);
  }

  async plan(requests: readonly TensorRequest[], options?: CallOptions): Promise<PlannedRead[]> {
    const reads = await this.bundle.plan(requests, options);
    return reads.map(({ shard, offset, length, entries }) => ({
      path: dataFilename(this.prefix, shard, this.numShards),
      offset,
      length,
      tensors: entries.map(({ name }) => name),
    }));
  }

  close(): Promise<void> {
    return this.bundle.close();
  }

  async #infoOf(entry: BundleEntry, options?: CallOptions): Promise<TensorInfo> {
    const { name, dtype, shape, slices, shard } = entry;
    return { name, dtype, shape, size: await this.bundle.storedSize(entry, options), slices, shard };
  }
}

/**
 * Names, dtypes and shapes of a checkpoint's tensors, sorted by name (`tf.train.list_variables`).
 *
 * @throws as {@link openCheckpoint}.
 */
export async function listVariables(prefix: string, options: OpenCheckpointOptions = {}): Promise<TensorInfo[]> {
  const reader = await openCheckpoint(prefix, options);
  try {
    const infos: TensorInfo[] = [];
    for await (const info of reader.tensors(options)) infos.push(info);
    return infos;
  } finally {
    await reader.close();
  }
}

/**
 * The value of one tensor of a checkpoint (`tf.train.load_variable`). A trailing `:0` of the name is dropped.
 *
 * @throws as {@link openCheckpoint} and {@link CheckpointReader.get}.
 */
export async function loadVariable(prefix: string, name: string, options: OpenCheckpointOptions = {}): Promise<Tensor> {
  const reader = await openCheckpoint(prefix, options);
  try {
    return await reader.get(name.endsWith(":0") ? name.slice(0, -2) : name, undefined, options);
  } finally {
    await reader.close();
  }
}
