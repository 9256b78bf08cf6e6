import { SavedTensorSlices } from "@tfsaver/checkpoint-proto/saved-slices/decode";
import {
  asyncDispose,
  completeSlice,
  copyOverlap,
  DataLossError,
  type DType,
  dtypeInfo,
  formatSlice,
  InternalError,
  InvalidArgumentError,
  isCheckpointError,
  isNumeric,
  NotFoundError,
  type OperationOptions,
  type Shape,
  shapesEqual,
  sliceShape,
  type Tensor,
  type TensorSlice,
  tensorBytes,
  UnimplementedError,
  zeroTensor,
} from "@tfsaver/core";
import { PIECE_BYTES, sliceKey } from "@tfsaver/core/coding";
import {
  closedReaderError,
  cutSlice,
  type PlannedRead,
  type ReadOptions,
  type StreamOptions,
  slicesFor,
} from "@tfsaver/core/slices";
import { compareBytes } from "@tfsaver/sstable";
import type { CallOptions, Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { findFiles, noFiles, type OpenFile, openTable, requireUnchanged } from "./open-files.js";
import { decodeValues } from "./slice-values.js";
import { readMeta, type TensorMeta } from "./tensor-list.js";

/** Options of {@link SlicesReader.open}. */
export interface SlicesReaderOptions extends OperationOptions {
  /** The storage to read from. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** A stored slice of a tensor, and the file that holds it. */
export interface StoredPart {
  readonly slice: TensorSlice;
  /** Number of the file among those of the checkpoint, from 0. */
  readonly file: number;
}

/** A tensor of a V1 checkpoint. */
export interface SlicesEntry {
  readonly name: string;
  readonly dtype: DType;
  /** Shape of the whole tensor. */
  readonly shape: Shape;
  readonly parts: readonly StoredPart[];
}

const utf8 = new TextEncoder();

/**
 * Reads a V1 checkpoint: one file, or all files that match a pattern. Opening reads the list of tensors of each file; a
 * tensor's values are read on request. Call {@link SlicesReader.close} after use, or declare it with `await using`. A closed
 * reader fails with a `FailedPreconditionError`.
 *
 * @example
 * ```ts
 * import { SlicesReader } from "@tfsaver/saved-tensor-slices";
 *
 * const reader = await SlicesReader.open("fixtures/goldens/v1-simple/model.ckpt");
 * for (const { name, dtype, shape } of reader.entries()) console.log(name, dtype, shape, (await reader.get(name)).data);
 * await reader.close();
 * ```
 */
export class SlicesReader {
  /** The slices of the tensors that were read so far. `slicesFor` checks each list once, so a tensor must keep its list. */
  readonly #slices = new Map<SlicesEntry, readonly TensorSlice[]>();
  #isClosed = false;

  private constructor(
    readonly pattern: string,
    private readonly files: readonly OpenFile[],
    private readonly tensors: ReadonlyMap<string, SlicesEntry>,
  ) {}

  /**
   * Opens the checkpoint whose files match `pattern`, such as `model.ckpt` or `model.ckpt-?????-of-00002`.
   *
   * @throws `NotFoundError` if no file matches; `DataLossError` if a file is not a table; `InternalError` if a file lacks its
   * list of tensors, or two files contradict each other; `InvalidArgumentError` if a file needs another version of the format;
   * `AbortedError` if shards are replaced meanwhile.
   */
  static async open(pattern: string, options: SlicesReaderOptions = {}): Promise<SlicesReader> {
    const storage = options.storage ?? defaultStorage();
    const found = await findFiles(storage, pattern);
    if (found.length === 0) throw noFiles(pattern);
    const files: OpenFile[] = [];
    try {
      const tensors = new Map<string, SlicesEntry & { readonly parts: StoredPart[] }>();
      for (const [index, { path }] of found.entries()) {
        const open = await openTable(storage, path, options);
        files.push(open);
        for (const meta of await readMeta(open.table, open.file, options)) addMeta(tensors, meta, index, path);
      }
      await requireUnchanged(storage, pattern, found);
      return new SlicesReader(pattern, files, tensors);
    } catch (error) {
      await Promise.all(files.map(({ file }) => file.close()));
      // If the file is missing because all of them were replaced, say that instead.
      if (isCheckpointError(error, "NotFoundError")) await requireUnchanged(storage, pattern, found);
      throw error;
    }
  }

  /** Paths of the files. */
  get paths(): string[] {
    return this.files.map(({ file }) => file.path);
  }

  /** Returns all tensors, ordered by the UTF-8 bytes of their names. */
  entries(): SlicesEntry[] {
    this.#requireOpen();
    const keyed = [...this.tensors.values()].map((entry) => ({ entry, key: utf8.encode(entry.name) }));
    return keyed.sort((a, b) => compareBytes(a.key, b.key)).map(({ entry }) => entry);
  }

  /** Returns the entry of a tensor, or `undefined` if there is no tensor of this name. */
  entry(name: string): SlicesEntry | undefined {
    this.#requireOpen();
    return this.tensors.get(name);
  }

  /**
   * Reads a tensor, or a part of it, into new memory. The stored slices that it needs are always read and verified whole.
   *
   * @param slice - the part to read, whose missing dimensions are whole; default: the whole tensor
   * @throws `NotFoundError` if there is no tensor of this name; `DataLossError` if its values are damaged;
   * `InvalidArgumentError` if the stored slices leave a gap, `InternalError` if they overlap or `slice` does not fit.
   */
  async get(name: string, slice?: TensorSlice, options?: ReadOptions): Promise<Tensor> {
    const wanted = this.#wanted(name, slice);
    const tensor = await this.#join(name, wanted, (part) => this.readPart(name, part, options));
    this.#report(name, wanted, options);
    return tensor;
  }

  /**
   * Reads a tensor, or a part of it, in pieces: smaller tensors, in row-major order. At most the stored slices that a piece needs
   * are in memory. A tensor without elements has no pieces; one of strings comes in one.
   *
   * @throws as {@link SlicesReader.get}, and `InvalidArgumentError` if `pieceBytes` is not a positive number.
   */
  async *stream(name: string, options: StreamOptions = {}): AsyncGenerator<Tensor> {
    const { dtype, shape } = this.require(name);
    const { slice, pieceBytes = PIECE_BYTES } = options;
    if (!(pieceBytes > 0)) throw new InvalidArgumentError(`pieceBytes must be a positive number, not ${pieceBytes}`);
    const wanted = this.#wanted(name, slice);
    const width = isNumeric(dtype) ? dtypeInfo(dtype).size : 0;
    let last = new Map<StoredPart, Promise<Tensor>>();
    for (const piece of cutSlice(shape, wanted, Math.max(1, Math.floor(pieceBytes / width)))) {
      const used = new Map<StoredPart, Promise<Tensor>>();
      const read = (part: StoredPart) => {
        const tensor = last.get(part) ?? this.readPart(name, part, options);
        used.set(part, tensor);
        return tensor;
      };
      yield await this.#join(name, piece, read);
      last = used;
    }
    this.#report(name, wanted, options);
  }

  /** Puts a part of a tensor together from its stored slices. */
  async #join(name: string, wanted: TensorSlice, read: (part: StoredPart) => Promise<Tensor>): Promise<Tensor> {
    const { dtype, shape } = this.require(name);
    const wantedShape = sliceShape(shape, wanted);
    const hit = this.#partsFor(name, wanted);
    const [only] = hit;
    if (only !== undefined && hit.length === 1 && shapesEqual(sliceShape(shape, only.slice), wantedShape)) {
      return read(only);
    }
    // Read before allocating, so that a damaged file can't make us allocate more than the files hold.
    const parts = [];
    for (const part of hit) parts.push({ slice: part.slice, tensor: await read(part) });
    const tensor = zeroTensor(dtype, wantedShape);
    for (const part of parts) copyOverlap(shape, part, { slice: wanted, tensor });
    return tensor;
  }

  #wanted(name: string, slice: TensorSlice | undefined): TensorSlice {
    const { shape } = this.require(name);
    const wanted = completeSlice(slice ?? [], shape.length);
    sliceShape(shape, wanted, { path: this.pattern, tensor: name });
    return wanted;
  }

  #report(name: string, wanted: TensorSlice, options: ReadOptions | undefined): void {
    if (options?.onRead === undefined) return;
    const reads = this.plan(name, wanted);
    options.onRead({
      requests: reads.length,
      bytes: reads.reduce((sum, { length }) => sum + length, 0),
      verified: true,
    });
  }

  /**
   * Reads a numeric tensor, or a part of it, into memory of the caller, little-endian.
   *
   * @param target - must have exactly the size of the tensor in bytes
   * @throws as {@link SlicesReader.get}, and `InvalidArgumentError` if `target` has another size or the tensor is not
   * numeric.
   */
  async getInto(name: string, target: Uint8Array, slice?: TensorSlice, options?: ReadOptions): Promise<void> {
    const { dtype } = this.require(name);
    if (!isNumeric(dtype))
      throw new InvalidArgumentError(`Tensor ${name} of dtype ${dtype} has no bytes of fixed size`);
    const bytes = tensorBytes(await this.get(name, slice, options));
    if (bytes.length !== target.length) {
      throw new InvalidArgumentError(`Tensor ${name} has ${bytes.length} bytes, but the target has ${target.length}`);
    }
    target.set(bytes);
  }

  /** Plans the reads that {@link SlicesReader.get} would do: one per stored slice, of the block that holds it. */
  plan(name: string, slice?: TensorSlice): PlannedRead[] {
    return this.#partsFor(name, this.#wanted(name, slice)).flatMap((part) => {
      const { file, table } = this.files[part.file] as OpenFile;
      const block = table.locate(sliceKey(utf8.encode(name), part.slice));
      return block === undefined ? [] : [{ path: file.path, ...block, tensors: [name] }];
    });
  }

  /**
   * Returns the entry of a tensor.
   *
   * @throws `NotFoundError` if there is no tensor of this name.
   */
  require(name: string): SlicesEntry {
    const entry = this.entry(name);
    if (entry !== undefined) return entry;
    throw new NotFoundError(
      `Key ${name} not found in checkpoint: Tensor name "${name}" not found in checkpoint files ${this.pattern}`,
      { path: this.pattern, tensor: name },
    );
  }

  /** Reads one stored slice. Throws as {@link SlicesReader.get}. */
  async readPart(name: string, part: StoredPart, options?: CallOptions): Promise<Tensor> {
    const { dtype, shape } = this.require(name);
    const { file, table } = this.files[part.file] as OpenFile;
    const label = `slice ${formatSlice(part.slice)} of ${name}`;
    const key = sliceKey(utf8.encode(name), part.slice);
    const found = await table.find(key, options);
    // For a missing slice, report the block that should hold it, or the end of the file.
    const offset = found?.offset ?? table.locate(key)?.offset ?? file.size;
    const context = { path: file.path, offset, tensor: name };
    if (found === undefined) throw new DataLossError(`${file.path}: the ${label} is listed but missing`, context);
    const partShape = sliceShape(shape, part.slice);
    try {
      const { data } = SavedTensorSlices.decode(found.value);
      if (data === undefined || data.name !== name) throw new DataLossError("the entry is of another tensor");
      return decodeValues(data.data ?? new Uint8Array(), dtype, partShape);
    } catch (cause) {
      if (isCheckpointError(cause, "UnimplementedError"))
        throw new UnimplementedError(cause.message, { ...context, cause });
      if (!isCheckpointError(cause, "DataLossError")) throw cause;
      throw new DataLossError(`${file.path}: the ${label}: ${cause.message}`, { ...context, cause });
    }
  }

  /** @throws `DataLossError` if a block lies beyond the end of its file. */
  requireRoom(): void {
    for (const { table } of this.files) table.requireRoom();
  }

  /** Reads every block of every file, and yields an error for each damaged one. */
  async *damagedBlocks(options?: CallOptions): AsyncGenerator<DataLossError> {
    this.#requireOpen();
    for (const { table } of this.files) {
      for (const block of table.blocks(options)) {
        try {
          for (const _ of (await block.read()).entries());
        } catch (error) {
          if (!(error instanceof DataLossError)) throw error;
          yield error;
        }
      }
    }
  }

  /** Closes the files. The reader can't be used afterwards. Closing it again does nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all(this.files.map(({ file }) => file.close()));
  }

  /** Closes the reader at the end of a block that declares it with `await using`. */
  [asyncDispose](): Promise<void> {
    return this.close();
  }

  #requireOpen(): void {
    if (this.#isClosed) throw closedReaderError(this.pattern);
  }

  #partsFor(name: string, wanted: TensorSlice): StoredPart[] {
    const entry = this.require(name);
    const { shape, parts } = entry;
    const slices = this.#slices.get(entry) ?? parts.map((part) => part.slice);
    this.#slices.set(entry, slices);
    const path = this.files[parts[0]?.file ?? 0]?.file.path;
    const hit = new Set(slicesFor({ name, path, shape, slices }, wanted));
    return parts.filter((part) => hit.has(part.slice));
  }
}

/** Adds a tensor of one file, or its slices to those of the same tensor in the files before. */
function addMeta(
  tensors: Map<string, SlicesEntry & { readonly parts: StoredPart[] }>,
  meta: TensorMeta,
  file: number,
  path: string,
): void {
  const { name, dtype, shape } = meta;
  const known = tensors.get(name);
  if (known !== undefined && (known.dtype !== dtype || !shapesEqual(known.shape, shape))) {
    throw new InternalError(`${path}: tensor ${name} has another dtype or shape than in the files before`, {
      path,
      tensor: name,
    });
  }
  const parts = known?.parts ?? [];
  for (const slice of meta.slices) parts.push({ slice, file });
  if (known === undefined) tensors.set(name, { name, dtype, shape, parts });
}
