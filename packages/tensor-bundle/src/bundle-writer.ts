import {
  type CommitOptions,
  contentSize,
  formatShape,
  formatShapeAndSlice,
  InvalidArgumentError,
  isWhole,
  type OperationOptions,
  type ShapeAndSlice,
  shapesEqual,
  sliceShape,
  type Tensor,
  throwIfAborted,
} from "@tfsaver/core";
import { Arena, maskCrc } from "@tfsaver/core/coding";
import {
  type CallOptions,
  createAtomically,
  createDirectoryIfMissing,
  dirname,
  type FileInProgress,
  type Storage,
  temporarySuffix,
} from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { commitBundle } from "./commit.js";
import { encodeTensor } from "./encode-tensor.js";
import { encodeEntry } from "./entry.js";
import { dataFilename, nameToKeyIn, SLICE_KEY_MARK } from "./names.js";
import { SliceBook } from "./slice-book.js";
import { WriteBehind } from "./write-behind.js";
import { type IndexRow, writeIndex } from "./write-index.js";

/** Options of {@link BundleWriter}. */
export interface BundleWriterOptions extends CallOptions, CommitOptions {
  /** Where to write. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Bytes of which every tensor's offset is a multiple, with zeros between. Default: 1, as TensorFlow's operations. */
  readonly alignment?: number | undefined;
}

/** What to write: a tensor, or a part of one. */
export interface NewTensor {
  readonly name: string;
  readonly tensor: Tensor;
  /** Of which tensor `tensor` holds which part. Default: it is the whole. */
  readonly part?: ShapeAndSlice | undefined;
}

/**
 * Writes a V2 checkpoint of one shard, byte for byte as TensorFlow's `SaveV2` does: tensors lie in the data file in
 * the order in which they are added, and the index is sorted by name.
 *
 * Tensors are written straight from their memory. Nothing is visible under the final names until
 * {@link BundleWriter.finish}, which commits the data file first and the index last.
 */
export class BundleWriter {
  readonly #storage: Storage;
  readonly #rows = new Map<string, IndexRow>();
  readonly #slices = new SliceBook();
  readonly #sliceRows: IndexRow[] = [];
  readonly #writes = new WriteBehind(async () => (await this.#openData()).file);
  readonly #arena = new Arena();
  #data: FileInProgress | undefined;
  #offset = 0;

  /** @param prefix - the checkpoint's path; one missing directory level is made, as TensorFlow does */
  constructor(
    readonly prefix: string,
    private readonly options: BundleWriterOptions = {},
  ) {
    this.#storage = options.storage ?? defaultStorage();
  }

  /** Bytes of tensor data added so far. */
  get size(): number {
    return this.#offset;
  }

  /**
   * Adds a tensor. Its memory must not change until the promise of {@link BundleWriter.finish} is settled.
   *
   * @throws `InvalidArgumentError` if the name is empty, starts with a zero byte, or was added before;
   * `UnimplementedError` for `resource`; the storage's errors. After an error, call {@link BundleWriter.discard}.
   */
  async add(name: string, tensor: Tensor): Promise<void> {
    for (const pending of this.#add({ name, tensor })) await pending;
  }

  /**
   * Adds a part of a partitioned tensor. A part that is all of it is stored as a tensor of its own, as in TensorFlow.
   *
   * @param tensor - the part's values, of the part's shape
   * @throws as {@link BundleWriter.add}, and `InvalidArgumentError` if the shapes don't agree with each other or with
   * parts added before, `InternalError` if the slice does not fit the full shape.
   */
  async addSlice(name: string, part: ShapeAndSlice, tensor: Tensor): Promise<void> {
    for (const pending of this.#add({ name, tensor, part })) await pending;
  }

  /**
   * Adds many tensors, and parts of tensors, in their order; tells of the progress after each. Of thousands of small
   * ones much faster than one by one.
   *
   * @throws as {@link BundleWriter.add} and {@link BundleWriter.addSlice}.
   */
  async addAll(items: readonly NewTensor[], { onProgress }: Pick<OperationOptions, "onProgress"> = {}): Promise<void> {
    const total = items.reduce((sum, { tensor }) => sum + contentSize(tensor), 0);
    let done = 0;
    for (const item of items) {
      for (const pending of this.#add(item)) await pending;
      done += contentSize(item.tensor);
      onProgress?.({ done, total, tensor: item.name });
    }
  }

  /**
   * Commits the checkpoint: flushes data file and index, and gives them their names, so that a reader sees all of it or
   * what was there before. A failure leaves what was there before, or all of it, and no temporary file.
   */
  async finish(): Promise<void> {
    try {
      await this.#writes.flush();
      const data = await this.#openData();
      throwIfAborted(this.options.signal);
      const rows = [...this.#rows.values(), ...this.#slices.entries(), ...this.#sliceRows];
      const index = await writeIndex(this.#storage, this.prefix, { numShards: 1 }, rows);
      try {
        await data.seal();
        await commitBundle(this.#storage, this.prefix, [data.workingPath], index, this.options);
      } catch (error) {
        await index.discard();
        throw error;
      }
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Gives the checkpoint up and removes its temporary file. Never throws. */
  async discard(): Promise<void> {
    await this.#writes.abandon();
    await this.#data?.discard();
  }

  #requireNewName(name: string): void {
    throwIfAborted(this.options.signal);
    if (name === "" || name.charCodeAt(0) === SLICE_KEY_MARK) {
      throw new InvalidArgumentError(`A tensor can't have the name ${JSON.stringify(name)}`, { tensor: name });
    }
    if (this.#rows.has(name)) throw new InvalidArgumentError(`Adding duplicate key: ${name}`, { tensor: name });
  }

  /**
   * Adds a tensor or a part of one, and yields what must be waited for meanwhile: with thousands of small ones, to wait
   * for nothing would take longer than all the rest.
   */
  *#add({ name, tensor, part }: NewTensor): Generator<Promise<void>> {
    if (part !== undefined && !shapesEqual(sliceShape(part.shape, part.slice), tensor.shape)) {
      throw new InvalidArgumentError(
        "Slice in shape_and_slice specification does not match the shape of the tensor to  save: " +
          `${formatShapeAndSlice(part)}, tensor: ${formatShape(tensor.shape)}`,
        { tensor: name },
      );
    }
    this.#requireNewName(name);
    if (part === undefined || isWhole(part.shape, part.slice)) {
      if (this.#slices.has(name)) throw new InvalidArgumentError(`Adding duplicate key: ${name}`, { tensor: name });
      const key = nameToKeyIn(this.#arena, name);
      this.#rows.set(name, { key, entry: yield* this.#write(name, tensor) });
    } else {
      const key = this.#slices.add(name, tensor.dtype, part.shape, part.slice);
      this.#sliceRows.push({ key, entry: yield* this.#write(name, tensor) });
    }
  }

  /** Puts a tensor's bytes behind those before, and gives its entry. */
  *#write(name: string, tensor: Tensor): Generator<Promise<void>, Uint8Array> {
    const encoded = encodeTensor(name, tensor);
    const { dtype, shape } = tensor;
    const offset = this.#offset;
    for (const chunk of encoded.chunks()) {
      const pending = this.#append(chunk);
      if (pending !== undefined) yield pending;
    }
    const size = this.#offset - offset;
    const maskedCrc32c = maskCrc(encoded.crc32c());
    const { alignment = 1 } = this.options;
    const over = this.#offset % alignment;
    if (over > 0) {
      const pending = this.#append(new Uint8Array(alignment - over));
      if (pending !== undefined) yield pending;
    }
    return encodeEntry({ dtype, shape, shard: 0, offset, size, maskedCrc32c }, this.#arena);
  }

  #append(chunk: Uint8Array): Promise<void> | undefined {
    this.#offset += chunk.length;
    return this.#writes.add(chunk);
  }

  async #openData(): Promise<FileInProgress> {
    if (this.#data === undefined) {
      const directory = dirname(this.prefix);
      if (directory !== "") await createDirectoryIfMissing(this.#storage, directory);
      this.#data = await createAtomically(this.#storage, dataFilename(this.prefix, 0, 1), temporarySuffix());
    }
    return this.#data;
  }
}
