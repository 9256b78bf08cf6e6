import type { asyncDispose, DType, OperationOptions, Shape, Tensor, TensorSlice } from "@tfsaver/core";
import type { PlannedRead, ReadOptions, StreamOptions, TensorRequest } from "@tfsaver/core/slices";
import type { CallOptions, Storage } from "@tfsaver/storage";

/** V1: tables of slices, one per shard. V2: an index and data files (a tensor bundle). */
export type CheckpointFormat = "V1" | "V2";

/** Options of `openCheckpoint`. */
export interface OpenCheckpointOptions extends OperationOptions {
  /** The storage to read from. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** Facts about one tensor that are known without reading it. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType;
  /** Shape of the whole tensor, even if it is stored in slices. */
  readonly shape: Shape;
  /** Bytes that it takes in the checkpoint. */
  readonly size: number;
  /** The slices of a partitioned tensor; empty for one that is stored whole. */
  readonly slices: readonly TensorSlice[];
  /** Number of the file that holds it, from 0. For a partitioned tensor: of its first slice, if that is known. */
  readonly shard: number;
}

/**
 * An open checkpoint of either format. Call {@link CheckpointReader.close} after use, or declare it with `await using`. Every
 * call of a closed reader fails with a `FailedPreconditionError` that names the checkpoint.
 *
 * @example
 * ```ts
 * import { type CheckpointReader, openCheckpoint } from "@tfsaver/checkpoint-reader";
 *
 * async function largest(reader: CheckpointReader): Promise<string | undefined> {
 *   let found: { name: string; size: number } | undefined;
 *   for await (const { name, size } of reader.tensors()) {
 *     if (found === undefined || size > found.size) found = { name, size };
 *   }
 *   return found?.name;
 * }
 *
 * const reader = await openCheckpoint("fixtures/goldens/v2-with-meta/model.ckpt-7");
 * console.log(await largest(reader));
 * await reader.close();
 * ```
 */
export interface CheckpointReader {
  readonly prefix: string;
  readonly format: CheckpointFormat;
  /** Number of files that hold tensors. */
  readonly numShards: number;
  /** True if there is a tensor of this name. */
  has(name: string, options?: CallOptions): Promise<boolean>;
  /** Returns the facts about a tensor, or `undefined` if there is no tensor of this name. */
  info(name: string, options?: CallOptions): Promise<TensorInfo | undefined>;
  /** Returns the facts about each of these tensors. Faster than one by one if there are many. */
  infos(names: readonly string[], options?: CallOptions): Promise<(TensorInfo | undefined)[]>;
  /** Yields the facts about all tensors, ordered by the UTF-8 bytes of their names. */
  tensors(options?: CallOptions): AsyncIterable<TensorInfo>;
  /**
   * Reads a tensor, or a part of it, into new memory, and verifies the checksums of all that is stored together with it. With
   * `checksums: "none"`, only the bytes of the part are read from a V2 checkpoint, and nothing is verified.
   *
   * @param slice - the part to read, whose missing dimensions are whole; default: the whole tensor. `rows` and
   * `parseNumpySlice` of `@tfsaver/core` make slices
   * @throws `NotFoundError` (`Key … not found in checkpoint`), `DataLossError`; `InvalidArgumentError` or
   * `InternalError` if the stored slices don't cover it or `slice` does not fit; `ResourceExhaustedError` if it does not fit
   * into memory, as no tensor above 4 GiB does in Node.js 20.
   */
  get(name: string, slice?: TensorSlice, options?: ReadOptions): Promise<Tensor>;
  /**
   * Reads a tensor, or a part of it, in pieces: smaller tensors, in row-major order. So it need not fit into memory. A tensor
   * without elements has no pieces; one of strings or variants is read whole, and comes in one.
   *
   * The last piece comes only when the checksums of all of them are verified; the pieces before it are not verified yet.
   *
   * @throws as {@link CheckpointReader.get}, and `InvalidArgumentError` if `pieceBytes` is not a positive number. A
   * `DataLossError` for a wrong checksum comes in place of the last piece.
   */
  stream(name: string, options?: StreamOptions): AsyncIterable<Tensor>;
  /**
   * Reads a numeric tensor, or a part of it, into memory of the caller, little-endian.
   *
   * @param target - must have exactly the size of the tensor in bytes
   * @throws as {@link CheckpointReader.get}, and `InvalidArgumentError` if the target has another size.
   */
  getInto(name: string, target: Uint8Array, slice?: TensorSlice, options?: ReadOptions): Promise<void>;
  /**
   * Reads many tensors with few reads, in the order in which they lie in the files. Needs little more memory than the largest
   * of them. Reports progress after each.
   *
   * @param requests - the tensors to read; default: all
   * @throws as {@link CheckpointReader.get}.
   */
  getEach(
    requests?: readonly TensorRequest[],
    options?: ReadOptions,
  ): AsyncIterable<{ readonly request: TensorRequest; readonly tensor: Tensor }>;
  /**
   * Reads many tensors, as {@link CheckpointReader.getEach} does, and returns them in the order of the requests. Much faster
   * for thousands of small tensors.
   */
  getAll(requests: readonly TensorRequest[], options?: ReadOptions): Promise<Tensor[]>;
  /** Plans the reads that {@link CheckpointReader.getEach} would do, so that a cost can be shown before it is paid. */
  plan(requests: readonly TensorRequest[], options?: CallOptions): Promise<PlannedRead[]>;
  /** Closes the files. Closing again does nothing. */
  close(): Promise<void>;
  /** Closes the reader at the end of a block that declares it with `await using`. */
  [asyncDispose](): Promise<void>;
}

/** Returns requests for all tensors of a checkpoint. */
export async function allTensors(reader: CheckpointReader, options?: CallOptions): Promise<TensorRequest[]> {
  const requests: TensorRequest[] = [];
  for await (const { name } of reader.tensors(options)) requests.push({ name });
  return requests;
}
