import { InvalidArgumentError, type OperationOptions, requireTensor, type Tensor } from "@tfsaver/core";
import { BundleInProgress } from "./bundle-in-progress.js";
import { type BundleWriterOptions, DataWriter, type NewTensorKey, type StoredTensor } from "./data-writer.js";
import { IndexTemplate } from "./index-template.js";

/** Options of {@link BundleSeries.write}. */
export interface BundleSeriesOptions extends Omit<BundleWriterOptions, "alignment">, OperationOptions {}

/**
 * Writes bundles of the same tensors with new values, one after another, as a training loop does. Each has the bytes that a
 * {@link BundleWriter} writes. While dtypes and shapes stay the same, the index is reused and only its checksums change.
 *
 * @example
 * ```ts
 * import { toTensor } from "@tfsaver/core";
 * import { MemoryStorage } from "@tfsaver/storage";
 * import { BundleSeries } from "@tfsaver/tensor-bundle";
 *
 * const storage = new MemoryStorage();
 * const series = new BundleSeries([{ name: "weights" }, { name: "global_step" }]);
 * for (const step of [1n, 2n, 3n]) {
 *   await series.write(`model-${step}`, [toTensor([Number(step), 0.5]), toTensor(step)], { storage });
 * }
 * ```
 */
export class BundleSeries {
  #template: IndexTemplate | undefined;

  /** @param keys - names, and slices if any, of the tensors of every bundle, in their order */
  constructor(private readonly keys: readonly NewTensorKey[]) {}

  /**
   * Writes a bundle, all of it or nothing.
   *
   * @param prefix - path of the checkpoint; one missing level of folders is created, as in TensorFlow
   * @param tensors - one for each key. Their memory must not change until the promise is settled
   * @throws as `add`, `addSlice` and `finish` of {@link BundleWriter}. No temporary file is left.
   */
  async write(prefix: string, tensors: readonly Tensor[], options: BundleSeriesOptions = {}): Promise<void> {
    const { keys } = this;
    if (tensors.length !== keys.length) {
      throw new InvalidArgumentError(`Expected a tensor for each of ${keys.length} keys but got ${tensors.length}`);
    }
    for (const [i, { name }] of keys.entries()) requireTensor(tensors[i], `Tensor ${name}`, { tensor: name });
    const template = this.#template;
    // Another write may start before this one ends, and it must not change the same template.
    this.#template = undefined;
    const isWritten = template?.fits(tensors) && (await this.#writeFrom(template, prefix, tensors, options));
    this.#template = isWritten ? template : await this.#writeFully(prefix, tensors, options);
  }

  async #writeFully(
    prefix: string,
    tensors: readonly Tensor[],
    options: BundleSeriesOptions,
  ): Promise<IndexTemplate | undefined> {
    const bundle = new BundleInProgress(prefix, options);
    try {
      const items = this.keys.map(({ name, part }, i) => ({ name, part, tensor: tensors[i] as Tensor }));
      await bundle.add(items, options);
    } catch (error) {
      await bundle.discard();
      throw error;
    }
    return IndexTemplate.of(await bundle.commit(), tensors);
  }

  /**
   * Writes a bundle with the index of the template.
   *
   * @returns false if a checksum is zero (1 in 2³²): protobuf omits zero fields, so the layout differs and nothing was written
   */
  async #writeFrom(
    template: IndexTemplate,
    prefix: string,
    tensors: readonly Tensor[],
    options: BundleSeriesOptions,
  ): Promise<boolean> {
    const data = new DataWriter(prefix, options);
    let fits = true;
    const setChecksum = (index: number, { maskedCrc32c }: StoredTensor) => {
      fits &&= template.setChecksum(index, maskedCrc32c);
    };
    try {
      await data.write(this.keys, tensors, setChecksum, options);
    } catch (error) {
      await data.discard();
      throw error;
    }
    if (fits) await data.commit(template.encode());
    else await data.discard();
    return fits;
  }
}
