import {
  formatShape,
  formatShapeAndSlice,
  InvalidArgumentError,
  isNumeric,
  isWhole,
  numElements,
  type OperationOptions,
  requireTensor,
  type ShapeAndSlice,
  shapesEqual,
  sliceShape,
  type Tensor,
} from "@tfsaver/core";
import { Arena } from "@tfsaver/core/coding";
import { encodeEntry } from "../encode/entry.js";
import { nameToKeyIn, SLICE_KEY_MARK } from "../encode/index-keys.js";
import { type BundleWriterOptions, DataWriter, type NewTensorKey, type StoredTensor } from "./data-writer.js";
import { PartitionedTensors } from "./partitioned-tensors.js";
import { bytesOfPieces, joinedPieces, type StreamedTensor, type TensorPieces } from "./streamed-tensor.js";
import { type EncodedIndex, encodeIndex, type IndexRow } from "./write-index.js";

/** Half of a character: it has no bytes in UTF-8, so two names with one could become one key. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** A tensor, or a part of one, to write. */
export interface NewTensor extends NewTensorKey {
  readonly tensor: Tensor;
}

/** A bundle of one shard that is being written: its data file, and the entries of its index. */
export class BundleInProgress {
  readonly #data: DataWriter;
  /** The entries of the added tensors and slices, in the order of adding. */
  readonly #rows: IndexRow[] = [];
  readonly #names = new Set<string>();
  readonly #partitioned = new PartitionedTensors();
  readonly #arena = new Arena();

  constructor(prefix: string, options: BundleWriterOptions) {
    this.#data = new DataWriter(prefix, options);
  }

  /** Bytes of tensor data so far. */
  get size(): number {
    return this.#data.size;
  }

  /** Adds tensors in their order. Throws as `BundleWriter.add` and `BundleWriter.addSlice`. */
  async add(items: readonly NewTensor[], options: Pick<OperationOptions, "onProgress">): Promise<void> {
    for (const { name, tensor } of items) requireTensor(tensor, `Tensor ${name}`, { tensor: name });
    const keys = items.map(({ name, part, tensor }) => this.#newKey(name, tensor, part));
    const tensors = items.map(({ tensor }) => tensor);
    const addRow = (index: number, stored: StoredTensor) => {
      const { dtype, shape } = tensors[index] as Tensor;
      const entry = encodeEntry({ dtype, shape, shard: 0, ...stored }, this.#arena);
      this.#rows.push({ key: keys[index] as Uint8Array, entry });
    };
    await this.#data.write(items, tensors, addRow, options);
  }

  /** Adds a tensor whose values come in pieces. Throws as `BundleWriter.addStream`. */
  async addStream(
    name: string,
    tensor: StreamedTensor,
    pieces: TensorPieces,
    onWritten?: (bytes: Uint8Array) => void,
  ): Promise<void> {
    const { dtype, shape, part } = tensor;
    if (!isNumeric(dtype)) return this.add([{ name, part, tensor: await joinedPieces(name, tensor, pieces) }], {});
    numElements(shape);
    const key = this.#newKey(name, tensor, part);
    const stored = await this.#data.writeStream(bytesOfPieces(name, tensor, pieces), onWritten);
    this.#rows.push({ key, entry: encodeEntry({ dtype, shape, shard: 0, ...stored }, this.#arena) });
  }

  /**
   * Commits data file and index; see `commitBundle`.
   *
   * @returns the index. Its first rows are those of the added tensors, in the order of adding
   */
  async commit(): Promise<EncodedIndex> {
    const index = encodeIndex({ numShards: 1 }, [...this.#rows, ...this.#partitioned.rows()]);
    const bytes = index.then(({ table }) => table.bytes);
    // An error is reported where the bytes are awaited, which is after the data file is flushed.
    bytes.catch(() => undefined);
    await this.#data.commit(bytes);
    return index;
  }

  /** Removes the temporary file. Never throws. */
  discard(): Promise<void> {
    return this.#data.discard();
  }

  /** Returns the index key of a tensor or slice that is to be added. */
  #newKey(name: string, { dtype, shape }: Pick<Tensor, "dtype" | "shape">, part?: ShapeAndSlice): Uint8Array {
    if (part !== undefined) numElements(part.shape);
    if (part !== undefined && !shapesEqual(sliceShape(part.shape, part.slice), shape)) {
      throw new InvalidArgumentError(
        "Slice in shape_and_slice specification does not match the shape of the tensor to  save: " +
          `${formatShapeAndSlice(part)}, tensor: ${formatShape(shape)}`,
        { tensor: name },
      );
    }
    if (name === "" || name.charCodeAt(0) === SLICE_KEY_MARK || LONE_SURROGATE.test(name)) {
      throw new InvalidArgumentError(`A tensor can't have the name ${JSON.stringify(name)}`, { tensor: name });
    }
    const isSlice = part !== undefined && !isWhole(part.shape, part.slice);
    if (this.#names.has(name) || (!isSlice && this.#partitioned.has(name))) {
      throw new InvalidArgumentError(`Adding duplicate key: ${name}`, { tensor: name });
    }
    if (isSlice) return this.#partitioned.add(name, dtype, part.shape, part.slice);
    this.#names.add(name);
    return nameToKeyIn(this.#arena, name);
  }
}
