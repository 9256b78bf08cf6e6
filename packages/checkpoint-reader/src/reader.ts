import type { DType, OperationOptions, Shape, Tensor, TensorSlice } from "@tfsaver/core";
import type { CallOptions } from "@tfsaver/storage";

/** V1: tables of slices, one per shard. V2: an index and data files (tensor bundle). */
export type CheckpointFormat = "V1" | "V2";

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
  /** Which file it lies in, counted from 0; of a partitioned tensor, that of its first part that is known. */
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
  readonly format: CheckpointFormat;
  /** Number of files that hold tensors. */
  readonly numShards: number;
  /** Whether there is a tensor of this name. */
  has(name: string, options?: CallOptions): Promise<boolean>;
  /** What the checkpoint says of a tensor, or `undefined` if it has none of that name. */
  info(name: string, options?: CallOptions): Promise<TensorInfo | undefined>;
  /** What the checkpoint says of each of these tensors; of many faster than one by one. */
  infos(names: readonly string[], options?: CallOptions): Promise<(TensorInfo | undefined)[]>;
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
   * little more memory than the largest of them. Tells of its progress after each.
   *
   * @param requests - what to read; default: all tensors
   * @throws as {@link CheckpointReader.get}.
   */
  getEach(
    requests?: readonly TensorRequest[],
    options?: OperationOptions,
  ): AsyncIterable<{ readonly request: TensorRequest; readonly tensor: Tensor }>;
  /**
   * As {@link CheckpointReader.getEach}, but gives all tensors at once, in the order of the requests: of thousands of
   * small ones much faster.
   */
  getAll(requests: readonly TensorRequest[], options?: OperationOptions): Promise<Tensor[]>;
  /** The reads that {@link CheckpointReader.getEach} would do, so that a cost can be shown before it is paid. */
  plan(requests: readonly TensorRequest[], options?: CallOptions): Promise<PlannedRead[]>;
  close(): Promise<void>;
}
