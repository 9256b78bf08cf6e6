import {
  formatShape,
  formatShapeAndSlice,
  InvalidArgumentError,
  isWhole,
  type OperationOptions,
  type ShapeAndSlice,
  shapesEqual,
  sliceShape,
  type Tensor,
} from "@tfsaver/core";
import { Arena } from "@tfsaver/core/coding";
import { type BundleWriterOptions, DataWriter, type NewTensorKey, type StoredTensor } from "./data-writer.js";
import { encodeEntry } from "./entry.js";
import { nameToKeyIn, SLICE_KEY_MARK } from "./names.js";
import { SliceBook } from "./slice-book.js";
import { type EncodedIndex, encodeIndex, type IndexRow } from "./write-index.js";

/** What to write. */
export interface NewTensor extends NewTensorKey {
  readonly tensor: Tensor;
}

/** As {@link BundleWriter.finish}, and gives the index; its first rows are those of what was added, in that order. */
export let finishWithIndex: (writer: BundleWriter) => Promise<EncodedIndex>;

/**
 * Writes a V2 checkpoint of one shard, byte for byte as TensorFlow's `SaveV2` does: tensors lie in the data file in
 * the order in which they are added, and the index is sorted by name.
 *
 * Tensors are written straight from their memory. Nothing is visible under the final names until
 * {@link BundleWriter.finish}, which commits the data file first and the index last.
 */
export class BundleWriter {
  readonly #data: DataWriter;
  /** Of what was added, in its order. */
  readonly #rows: IndexRow[] = [];
  readonly #names = new Set<string>();
  readonly #slices = new SliceBook();
  readonly #arena = new Arena();

  static {
    finishWithIndex = (writer) => writer.#finish();
  }

  /** @param prefix - the checkpoint's path; one missing directory level is made, as TensorFlow does */
  constructor(
    readonly prefix: string,
    options: BundleWriterOptions = {},
  ) {
    this.#data = new DataWriter(prefix, options);
  }

  /** Bytes of tensor data added so far. */
  get size(): number {
    return this.#data.size;
  }

  /**
   * Adds a tensor. Its memory must not change until the promise of {@link BundleWriter.finish} is settled.
   *
   * @throws `InvalidArgumentError` if the name is empty, starts with a zero byte, or was added before;
   * `UnimplementedError` for `resource`; the storage's errors. After an error, call {@link BundleWriter.discard}.
   */
  async add(name: string, tensor: Tensor): Promise<void> {
    await this.addAll([{ name, tensor }]);
  }

  /**
   * Adds a part of a partitioned tensor. A part that is all of it is stored as a tensor of its own, as in TensorFlow.
   *
   * @param tensor - the part's values, of the part's shape
   * @throws as {@link BundleWriter.add}, and `InvalidArgumentError` if the shapes don't agree with each other or with
   * parts added before, `InternalError` if the slice does not fit the full shape.
   */
  async addSlice(name: string, part: ShapeAndSlice, tensor: Tensor): Promise<void> {
    await this.addAll([{ name, part, tensor }]);
  }

  /**
   * Adds many tensors, and parts of tensors, in their order; tells of the progress after each. Of thousands of small
   * ones much faster than one by one.
   *
   * @throws as {@link BundleWriter.add} and {@link BundleWriter.addSlice}.
   */
  async addAll(items: readonly NewTensor[], options: Pick<OperationOptions, "onProgress"> = {}): Promise<void> {
    const keys = items.map((item) => this.#newKey(item));
    const tensors = items.map(({ tensor }) => tensor);
    const note = (index: number, stored: StoredTensor) => {
      const { dtype, shape } = tensors[index] as Tensor;
      const entry = encodeEntry({ dtype, shape, shard: 0, ...stored }, this.#arena);
      this.#rows.push({ key: keys[index] as Uint8Array, entry });
    };
    await this.#data.write(items, tensors, note, options);
  }

  /**
   * Commits the checkpoint: flushes data file and index, and gives them their names, so that a reader sees all of it or
   * what was there before. A failure leaves what was there before, or all of it, and no temporary file.
   */
  async finish(): Promise<void> {
    await this.#finish();
  }

  async #finish(): Promise<EncodedIndex> {
    const index = encodeIndex({ numShards: 1 }, [...this.#rows, ...this.#slices.entries()]);
    await this.#data.commit(index.then(({ table }) => table.bytes));
    return index;
  }

  /** Gives the checkpoint up and removes its temporary file. Never throws. */
  discard(): Promise<void> {
    return this.#data.discard();
  }

  /** The key under which something that is to be added now stands in the index. */
  #newKey({ name, tensor, part }: NewTensor): Uint8Array {
    if (part !== undefined && !shapesEqual(sliceShape(part.shape, part.slice), tensor.shape)) {
      throw new InvalidArgumentError(
        "Slice in shape_and_slice specification does not match the shape of the tensor to  save: " +
          `${formatShapeAndSlice(part)}, tensor: ${formatShape(tensor.shape)}`,
        { tensor: name },
      );
    }
    if (name === "" || name.charCodeAt(0) === SLICE_KEY_MARK) {
      throw new InvalidArgumentError(`A tensor can't have the name ${JSON.stringify(name)}`, { tensor: name });
    }
    const isSlice = part !== undefined && !isWhole(part.shape, part.slice);
    if (this.#names.has(name) || (!isSlice && this.#slices.has(name))) {
      throw new InvalidArgumentError(`Adding duplicate key: ${name}`, { tensor: name });
    }
    if (isSlice) return this.#slices.add(name, tensor.dtype, part.shape, part.slice);
    this.#names.add(name);
    return nameToKeyIn(this.#arena, name);
  }
}
