import { InvalidArgumentError, type OperationOptions, type Tensor } from "@tfsaver/core";
import { BundleLayout } from "./bundle-layout.js";
import { BundleWriter, finishWithIndex } from "./bundle-writer.js";
import { type BundleWriterOptions, DataWriter, type NewTensorKey, type StoredTensor } from "./data-writer.js";

/** Options of {@link BundleSeries.write}. */
export interface BundleSeriesOptions extends Omit<BundleWriterOptions, "alignment">, OperationOptions {}

/**
 * Writes bundles of the same tensors with other values, one after the other, as a training loop does. Each is what a
 * {@link BundleWriter} writes. As long as dtypes and shapes stay as they were, the index is not made anew: only checksums
 * in it change.
 */
export class BundleSeries {
  #last: BundleLayout | undefined;

  /** @param keys - what the tensors of every bundle are, in their order */
  constructor(private readonly keys: readonly NewTensorKey[]) {}

  /**
   * Writes a bundle, as a whole or not at all.
   *
   * @param prefix - the checkpoint's path; one missing directory level is made, as TensorFlow does
   * @param tensors - one for each key. Their memory must not change until the promise is settled
   * @throws as `add`, `addSlice` and `finish` of {@link BundleWriter}. No temporary file is left.
   */
  async write(prefix: string, tensors: readonly Tensor[], options: BundleSeriesOptions = {}): Promise<void> {
    const { keys } = this;
    if (tensors.length !== keys.length) {
      throw new InvalidArgumentError(`There are ${keys.length} keys, but ${tensors.length} tensors`);
    }
    const layout = this.#last;
    // Another bundle may be begun before this one is written.
    this.#last = undefined;
    const isLikeLast = layout?.fits(tensors) && (await this.#writeLike(layout, prefix, tensors, options));
    this.#last = isLikeLast ? layout : await this.#writeAnew(prefix, tensors, options);
  }

  async #writeAnew(
    prefix: string,
    tensors: readonly Tensor[],
    options: BundleSeriesOptions,
  ): Promise<BundleLayout | undefined> {
    const writer = new BundleWriter(prefix, options);
    try {
      const items = this.keys.map(({ name, part }, i) => ({ name, part, tensor: tensors[i] as Tensor }));
      await writer.addAll(items, options);
    } catch (error) {
      await writer.discard();
      throw error;
    }
    return BundleLayout.of(await finishWithIndex(writer), tensors);
  }

  /** @returns whether it could: what has a layout of its own, once in four thousand million times, is not written. */
  async #writeLike(
    layout: BundleLayout,
    prefix: string,
    tensors: readonly Tensor[],
    options: BundleSeriesOptions,
  ): Promise<boolean> {
    const data = new DataWriter(prefix, options);
    let isLike = true;
    const note = (index: number, { maskedCrc32c }: StoredTensor) => {
      isLike &&= layout.setChecksum(index, maskedCrc32c);
    };
    try {
      await data.write(this.keys, tensors, note, options);
    } catch (error) {
      await data.discard();
      throw error;
    }
    if (isLike) await data.commit(layout.encode());
    else await data.discard();
    return isLike;
  }
}
