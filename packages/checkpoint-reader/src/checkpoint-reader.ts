import {
  DataLossError,
  type DType,
  isCheckpointError,
  NotFoundError,
  type OperationOptions,
  type Shape,
  type Tensor,
  UnimplementedError,
} from "@tfsaver/core";
import { TableReader } from "@tfsaver/sstable";
import { type CallOptions, closing, glob, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { BundleReader, indexFilename } from "@tfsaver/tensor-bundle";

/** What a checkpoint says of one tensor without reading it. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Bytes it takes in the checkpoint. */
  readonly size: number;
  /** Which data file it lies in, counted from 0, and where; reading in this order reads files from start to end. */
  readonly shard: number;
  readonly offset: number;
}

/** An open checkpoint of either format. {@link CheckpointReader.close} it after use. */
export interface CheckpointReader {
  readonly prefix: string;
  readonly format: "V2";
  /** What the checkpoint says of a tensor, or `undefined` if it has none of that name. */
  info(name: string, options?: CallOptions): Promise<TensorInfo | undefined>;
  /** All tensors in the order of their names' bytes. */
  tensors(options?: CallOptions): AsyncIterable<TensorInfo>;
  /**
   * A tensor's value, in memory of its own.
   *
   * @throws `NotFoundError` (`Key … not found in checkpoint`), `DataLossError`.
   */
  get(name: string, options?: CallOptions): Promise<Tensor>;
  /**
   * Reads a numeric tensor into memory of the caller's, which has exactly its size in bytes; little-endian.
   *
   * @throws as {@link CheckpointReader.get}, and `InvalidArgumentError` if the target has another size.
   */
  getInto(name: string, target: Uint8Array, options?: CallOptions): Promise<void>;
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

  info(name: string, options?: CallOptions): Promise<TensorInfo | undefined> {
    return this.bundle.entry(name, options);
  }

  tensors(options?: CallOptions): AsyncIterable<TensorInfo> {
    return this.bundle.entries(options);
  }

  get(name: string, options?: CallOptions): Promise<Tensor> {
    return this.bundle.get(name, options);
  }

  getInto(name: string, target: Uint8Array, options?: CallOptions): Promise<void> {
    return this.bundle.getInto(name, target, options);
  }

  close(): Promise<void> {
    return this.bundle.close();
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
    return await reader.get(name.endsWith(":0") ? name.slice(0, -2) : name, options);
  } finally {
    await reader.close();
  }
}
