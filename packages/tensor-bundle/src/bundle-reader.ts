import {
  byteLength,
  type CheckpointError,
  InvalidArgumentError,
  isCheckpointError,
  isNumeric,
  type OperationOptions,
  type Shape,
  shapesEqual,
  sliceShape,
  type Tensor,
  type TensorSlice,
  tensorBytes,
} from "@tfsaver/core";
import { crc32c } from "@tfsaver/core/coding";
import type { CallOptions, Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { BundleIndex } from "./bundle-index.js";
import { DataFiles } from "./data-files.js";
import type { BundleEntry } from "./entry.js";
import type { BundleHeader } from "./header.js";
import { type Loaded, load } from "./load.js";
import { byPlace, type IndexedRead, type PlannedRead, planReads } from "./plan.js";
import { resolve, resolveAll, storedSizeOf, type TensorRequest } from "./requests.js";
import { stitch } from "./stitch.js";
import { bringIntoForm, type EntryPlace, requireCrc } from "./tensor-buffer.js";

/** Options of {@link BundleReader.open}. */
export interface BundleReaderOptions extends OperationOptions {
  /** Where to read. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** What was read for one request. */
export interface RequestedTensor {
  readonly request: TensorRequest;
  readonly tensor: Tensor;
}

/** Tensors that were read together, and for which requests each is. */
interface Batch {
  readonly requests: readonly number[];
  readonly tensors: readonly Tensor[];
}

const VERIFY_PIECE = 8 << 20;

/**
 * Reads a V2 checkpoint. Opening reads the ends of the index file only; a tensor's index entry and data are read when
 * they are asked for, so a checkpoint may be larger than memory. {@link BundleReader.close} it after use.
 */
export class BundleReader {
  /** By shard. */
  readonly #places = new Map<number, EntryPlace>();

  private constructor(
    readonly prefix: string,
    private readonly storage: Storage,
    private readonly index: BundleIndex,
    private readonly data: DataFiles,
  ) {}

  /**
   * Opens the checkpoint `prefix`.
   *
   * @throws `NotFoundError` if there is no index file, `DataLossError` or `InternalError` if it is damaged,
   * `InvalidArgumentError` if its version of the format must not be read.
   */
  static async open(prefix: string, options: BundleReaderOptions = {}): Promise<BundleReader> {
    const storage = options.storage ?? defaultStorage();
    const index = await BundleIndex.open(storage, prefix, options);
    const { header, isStaged } = index;
    return new BundleReader(prefix, storage, index, new DataFiles(storage, prefix, header.numShards, isStaged));
  }

  get header(): BundleHeader {
    return this.index.header;
  }

  /**
   * What the index says of a tensor, or `undefined` if it has none of that name.
   *
   * @throws `DataLossError` if the entry, or the part of the index where it would be, is damaged.
   */
  entry(name: string, options?: CallOptions): Promise<BundleEntry | undefined> {
    return this.index.find(name, options);
  }

  /** As {@link BundleReader.entry}, of many tensors, and then with one pass over the index. */
  entriesOf(names: readonly string[], options?: CallOptions): Promise<readonly (BundleEntry | undefined)[]> {
    return this.index.findAll(names, options);
  }

  /**
   * All tensors in the order of their names' bytes; a partitioned one once, with its slices.
   *
   * @throws `DataLossError` at the first damaged entry.
   */
  entries(options?: CallOptions): AsyncGenerator<BundleEntry> {
    return this.index.entries(options);
  }

  /** All tensors that the index names, and in the place of what is damaged the error that says so. */
  entriesOrErrors(options?: CallOptions): AsyncGenerator<BundleEntry | CheckpointError> {
    return this.index.entriesOrErrors(options);
  }

  /** Bytes that a tensor takes in the data files, all its slices together. */
  async storedSize(entry: BundleEntry, options?: CallOptions): Promise<number> {
    if (entry.slices.length === 0) return entry.size;
    if (isNumeric(entry.dtype)) return byteLength(entry.dtype, entry.shape);
    let size = 0;
    for (const slice of entry.slices) size += (await this.index.requireSlice(entry, slice, options)).size;
    return size;
  }

  /**
   * The value of a tensor or of a part of it, in memory of its own, its checksum verified. A partitioned tensor is put
   * together of its slices, and any part of it of those that it takes.
   *
   * @throws `NotFoundError` if there is none of that name, or its data file is missing; `DataLossError` if its entry or
   * its data is damaged; `InvalidArgumentError` if the slices that are stored leave a gap, `InternalError` if they
   * overlap, or if `slice` does not fit the tensor; `UnimplementedError` for `resource`.
   */
  async get(name: string, slice?: TensorSlice, options?: CallOptions): Promise<Tensor> {
    for await (const tensor of this.getEach([{ name, slice }], options)) return tensor.tensor;
    throw new Error("unreachable");
  }

  /**
   * Reads a numeric tensor, or a part of it, into memory of the caller's, little-endian.
   *
   * @param target - exactly as many bytes as it has
   * @throws as {@link BundleReader.get}, and `InvalidArgumentError` if `target` has another size or the tensor is not
   * numeric. After a `DataLossError`, `target` holds what was read.
   */
  async getInto(name: string, target: Uint8Array, slice?: TensorSlice, options?: CallOptions): Promise<void> {
    const [entry] = (await this.index.requireAll([name], options)) as [BundleEntry];
    const { stored } = await resolve(this.index, { name, slice }, entry, options);
    if (!isNumeric(entry.dtype)) throw new InvalidArgumentError(`Tensor ${name} of dtype ${entry.dtype} has no bytes`);
    const [only] = stored;
    if (stored.length === 1 && only !== undefined && shapesEqual(only.entry.shape, shapeOf(entry, slice))) {
      requireTarget(name, target, only.entry.size);
      try {
        await this.data.readPart(only.entry, 0, target, options);
        const place = this.#place(only.entry);
        requireCrc(only.entry, crc32c(target), place);
        bringIntoForm(only.entry, target, place);
      } catch (error) {
        throw await this.#explain(error);
      }
      return;
    }
    const bytes = tensorBytes(await this.get(name, slice, options));
    requireTarget(name, target, bytes.length);
    target.set(bytes);
  }

  /**
   * Reads many tensors with few reads: in the order in which they lie in the files, not that of the requests, which is
   * what bounds the memory it takes. Tells of its progress after each.
   *
   * @throws as {@link BundleReader.get}; `NotFoundError` if the checkpoint was removed since it was opened, `AbortedError`
   * if another one was written in its place; all that the index tells before any data is read.
   */
  async *getEach(requests: readonly TensorRequest[], options?: OperationOptions): AsyncGenerator<RequestedTensor> {
    for await (const batch of this.#read(requests, options)) {
      for (const [i, tensor] of batch.tensors.entries()) {
        yield { request: requests[batch.requests[i] as number] as TensorRequest, tensor };
      }
    }
  }

  /**
   * As {@link BundleReader.getEach}, but gives all tensors at once, in the order of the requests: of thousands of small
   * ones much faster.
   */
  async getAll(requests: readonly TensorRequest[], options?: OperationOptions): Promise<Tensor[]> {
    const tensors = new Array<Tensor>(requests.length);
    for await (const batch of this.#read(requests, options)) {
      for (let i = 0; i < batch.tensors.length; i++) {
        tensors[batch.requests[i] as number] = batch.tensors[i] as Tensor;
      }
    }
    return tensors;
  }

  /** What is wrong may be no damage, but that another checkpoint has taken the place of the one that is open, or none. */
  async #explain(error: unknown): Promise<unknown> {
    if (!isCheckpointError(error, "DataLossError", "NotFoundError")) return error;
    return this.index.requireUnchanged(this.storage, this.prefix).then(
      () => error,
      (change: unknown) => (isCheckpointError(change, "AbortedError", "NotFoundError") ? change : error),
    );
  }

  /** Reads in the order of the files and tells of the progress; one batch per read, because to wait takes its time. */
  async *#read(requests: readonly TensorRequest[], options?: OperationOptions): AsyncGenerator<Batch> {
    try {
      const { whole, requestOf, stitched } = await resolveAll(this.index, requests, options);
      let total = 0;
      for (const { size } of whole) total += size;
      for (const item of stitched) total += storedSizeOf(item);
      let done = 0;
      const tell = (index: number, size: number) => {
        done += size;
        options?.onProgress?.({ done, total, tensor: (requests[index] as TensorRequest).name });
      };
      for await (const { read, tensors } of this.#load(planReads(whole), options)) {
        const indices = read.indices.map((index) => requestOf[index] as number);
        for (let i = 0; i < indices.length; i++) tell(indices[i] as number, (read.entries[i] as BundleEntry).size);
        yield { requests: indices, tensors };
      }
      for (const item of stitched) {
        const tensor = await stitch(item, this.data, (parts) => this.#load(planReads(parts), options));
        tell(item.index, storedSizeOf(item));
        yield { requests: [item.index], tensors: [tensor] };
      }
    } catch (error) {
      throw await this.#explain(error);
    }
  }

  /**
   * The reads of data files that getting `requests` takes, so that a cost can be shown before it is paid. Reading the
   * index entries is part of planning.
   */
  async plan(requests: readonly TensorRequest[], options?: CallOptions): Promise<PlannedRead[]> {
    const { whole, stitched } = await resolveAll(this.index, requests, options);
    const parts = stitched.map(({ stored }) => stored.map(({ entry }) => entry));
    return [whole, ...parts]
      .flatMap(planReads)
      .filter(({ length }) => length > 0)
      .sort(byPlace)
      .map(({ indices, ...read }) => read);
  }

  /**
   * Reads an entry's data, that of its slices included, and compares checksums; in pieces, so that little memory is
   * needed for numbers.
   *
   * @returns the number of bytes that were read
   * @throws as {@link BundleReader.get}.
   */
  async verify(entry: BundleEntry, options?: CallOptions): Promise<number> {
    const { stored } = await resolve(this.index, { name: entry.name }, entry, options);
    let bytes = 0;
    for (const part of stored) {
      await this.#verifyStored(part.entry, options);
      bytes += part.entry.size;
    }
    return bytes;
  }

  /** The data file of an entry. */
  dataFilename(entry: BundleEntry): string {
    return this.data.filename(entry.shard);
  }

  /**
   * Bytes in a data file, counted from 0.
   *
   * @throws `NotFoundError` if it does not exist.
   */
  dataSize(shard: number): Promise<number> {
    return this.data.size(shard);
  }

  /** Closes the files. The reader is of no use afterwards. */
  async close(): Promise<void> {
    await Promise.all([this.index.close(), this.data.close()]);
  }

  #load(reads: readonly IndexedRead[], options: CallOptions | undefined): AsyncGenerator<Loaded> {
    return load(reads, this.data, (entry) => this.#place(entry), options);
  }

  async #verifyStored(entry: BundleEntry, options: CallOptions | undefined): Promise<void> {
    if (!isNumeric(entry.dtype)) {
      for await (const _ of this.#load(planReads([entry]), options));
      return;
    }
    await this.data.requireRoom([entry]);
    const piece = new Uint8Array(Math.min(entry.size, VERIFY_PIECE));
    let crc = 0;
    for (let done = 0; done < entry.size; done += piece.length) {
      const part = piece.subarray(0, Math.min(piece.length, entry.size - done));
      await this.data.readPart(entry, done, part, options);
      crc = crc32c(part, crc);
    }
    requireCrc(entry, crc, this.#place(entry));
  }

  #place({ shard }: BundleEntry): EntryPlace {
    const { prefix, header } = this;
    const place = this.#places.get(shard) ?? {
      prefix,
      dataPath: this.data.filename(shard),
      endianness: header.endianness,
    };
    this.#places.set(shard, place);
    return place;
  }
}

function shapeOf(entry: BundleEntry, slice: TensorSlice | undefined): Shape {
  return slice === undefined ? entry.shape : sliceShape(entry.shape, slice);
}

function requireTarget(name: string, target: Uint8Array, size: number): void {
  if (target.length !== size) {
    throw new InvalidArgumentError(`Tensor ${name} has ${size} bytes, the target ${target.length}`);
  }
}
