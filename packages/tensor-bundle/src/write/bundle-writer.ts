import { asyncDispose, type OperationOptions, type ShapeAndSlice, type Tensor } from "@tfsaver/core";
import { BundleInProgress, type NewTensor } from "./bundle-in-progress.js";
import type { BundleWriterOptions } from "./data-writer.js";
import type { StreamedTensor, TensorPieces } from "./streamed-tensor.js";

/**
 * Writes a V2 checkpoint of one shard, byte for byte as TensorFlow's `SaveV2` does: the data file holds the tensors in the
 * order of adding, and the index is sorted by name.
 *
 * Tensors are written straight from their memory. Nothing is visible under the final names until
 * {@link BundleWriter.finish} commits the data file first and the index last.
 *
 * @example
 * ```ts
 * import { toTensor } from "@tfsaver/core";
 * import { MemoryStorage } from "@tfsaver/storage";
 * import { BundleWriter } from "@tfsaver/tensor-bundle";
 *
 * // Under Node.js, leave `storage` out to write to the local file system.
 * const writer = new BundleWriter("model", { storage: new MemoryStorage() });
 * await writer.add("weights", toTensor([[1, 2], [3, 4]]));
 * await writer.add("global_step", toTensor(7n));
 * await writer.finish();
 * ```
 */
export class BundleWriter {
  readonly #bundle: BundleInProgress;
  #isFinished = false;

  /** @param prefix - path of the checkpoint; one missing level of folders is created, as in TensorFlow */
  constructor(
    readonly prefix: string,
    options: BundleWriterOptions = {},
  ) {
    this.#bundle = new BundleInProgress(prefix, options);
  }

  /** Bytes of tensor data added so far. */
  get size(): number {
    return this.#bundle.size;
  }

  /**
   * Adds a tensor. Its memory must not change until the promise of {@link BundleWriter.finish} is settled.
   *
   * @throws `InvalidArgumentError` if the tensor is not valid (see `requireTensor`), or its name is empty, starts with a zero
   * byte, has half a surrogate pair, or was added before;
   * `UnimplementedError` for `resource`; the storage's errors. After an error, call {@link BundleWriter.discard}.
   */
  async add(name: string, tensor: Tensor): Promise<void> {
    await this.addAll([{ name, tensor }]);
  }

  /**
   * Adds a slice of a partitioned tensor. A slice that covers the whole tensor is stored as a tensor, as in TensorFlow.
   *
   * @param part - shape of the whole tensor, and the slice
   * @param tensor - the values of the slice, with its shape
   * @throws as {@link BundleWriter.add}, and `InvalidArgumentError` if the shape of `tensor` does not match the slice, or
   * dtype and shape do not match the slices added before; `InternalError` if the slice does not fit the whole shape.
   * @example
   * ```ts
   * import { toTensor } from "@tfsaver/core";
   * import type { BundleWriter } from "@tfsaver/tensor-bundle";
   *
   * export async function addInTwoSlices(writer: BundleWriter) {
   *   await writer.addSlice("v", { shape: [3], slice: [{ start: 0, length: 2 }] }, toTensor([1, 2]));
   *   await writer.addSlice("v", { shape: [3], slice: [{ start: 2, length: 1 }] }, toTensor([3]));
   * }
   * ```
   */
  async addSlice(name: string, part: ShapeAndSlice, tensor: Tensor): Promise<void> {
    await this.addAll([{ name, part, tensor }]);
  }

  /**
   * Adds many tensors and slices in their order, and reports progress after each. Much faster than one by one for thousands
   * of small tensors.
   *
   * @throws as {@link BundleWriter.add} and {@link BundleWriter.addSlice}.
   */
  addAll(items: readonly NewTensor[], options: Pick<OperationOptions, "onProgress"> = {}): Promise<void> {
    return this.#bundle.add(items, options);
  }

  /**
   * Adds a tensor, or a slice of a partitioned one, whose values come in pieces, so that it need not fit into memory. For
   * numbers, at most a few pieces are in memory; strings and variants are collected, because their lengths are stored first.
   *
   * @param tensor - dtype and shape, and for a slice its place in the whole tensor
   * @param pieces - smaller tensors of any shapes, whose elements follow each other in row-major order. Their memory must not
   * change until the promise of {@link BundleWriter.finish} is settled, or `onWritten` is called
   * @param options - `onWritten` is called with the bytes of each piece of numbers when they are written, so that their memory can
   * be used again
   * @throws as {@link BundleWriter.add} and {@link BundleWriter.addSlice}; `InvalidArgumentError` if a piece has another dtype,
   * or all pieces together more or fewer elements than the tensor; whatever `pieces` throws.
   * @example
   * ```ts
   * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
   * import { BundleWriter } from "@tfsaver/tensor-bundle";
   *
   * export async function copyEmbeddings(source: string, target: string) {
   *   const reader = await openCheckpoint(source);
   *   const writer = new BundleWriter(target);
   *   for await (const { name, dtype, shape } of reader.tensors()) {
   *     await writer.addStream(name, { dtype, shape }, reader.stream(name));
   *   }
   *   await writer.finish();
   *   await reader.close();
   * }
   * ```
   */
  addStream(
    name: string,
    tensor: StreamedTensor,
    pieces: TensorPieces,
    { onWritten }: { readonly onWritten?: ((bytes: Uint8Array) => void) | undefined } = {},
  ): Promise<void> {
    return this.#bundle.addStream(name, tensor, pieces, onWritten);
  }

  /**
   * Commits the checkpoint: flushes data file and index, then gives them their final names, so that a reader sees all of it or
   * what was there before. A failure leaves no temporary file.
   */
  async finish(): Promise<void> {
    await this.#bundle.commit();
    this.#isFinished = true;
  }

  /** Abandons the checkpoint and removes its temporary file. Never throws. */
  discard(): Promise<void> {
    return this.#bundle.discard();
  }

  /** Abandons the checkpoint, unless it is finished, at the end of a block that declares it with `await using`. */
  async [asyncDispose](): Promise<void> {
    if (!this.#isFinished) await this.discard();
  }
}
