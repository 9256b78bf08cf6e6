import {
  asyncDispose,
  byteLength,
  type CheckpointError,
  completeSlice,
  InvalidArgumentError,
  isNumeric,
  type OperationOptions,
  sliceShape,
  type Tensor,
  type TensorSlice,
} from "@tfsaver/core";
import {
  closedReaderError,
  type PlannedRead,
  type ReadOptions,
  type StreamOptions,
  type TensorRequest,
} from "@tfsaver/core/slices";
import type { CallOptions, Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import type { BundleEntry } from "../encode/entry.js";
import type { BundleHeader } from "../encode/header.js";
import { OpenBundle } from "./open-bundle.js";
import { readRequest, streamRequest } from "./pieces/read-request.js";
import { resolveRequest, resolveRequests, storedSizeOf } from "./resolve-requests.js";
import { storedEntries, verifyStored } from "./verify-entry.js";
import { type Destination, executePlan } from "./whole/execute-plan.js";
import { byPlace, planReads } from "./whole/plan-reads.js";

/** Options of {@link BundleReader.open}. */
export interface BundleReaderOptions extends OperationOptions {
  /** The storage to read from. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** A tensor that was read, with its request. */
export interface RequestedTensor {
  readonly request: TensorRequest;
  readonly tensor: Tensor;
}

/** Tensors that were read together, and the index of the request for each. */
interface Batch {
  readonly requests: readonly number[];
  readonly tensors: readonly Tensor[];
}

/**
 * Reads a V2 checkpoint. Opening reads only the ends of the index file; a tensor's index entry and data are read on
 * request, so a checkpoint may be larger than memory. Call {@link BundleReader.close} after use, or declare it with
 * `await using`. A closed reader fails with a `FailedPreconditionError`.
 *
 * @example
 * ```ts
 * import { BundleReader } from "@tfsaver/tensor-bundle";
 *
 * const reader = await BundleReader.open("fixtures/goldens/v2-with-meta/model.ckpt-7");
 * for await (const { name, dtype, shape } of reader.entries()) console.log(name, dtype, shape);
 * const bias = await reader.get("dense1/bias");
 * await reader.close();
 * ```
 */
export class BundleReader {
  #isClosed = false;

  private constructor(private readonly opened: OpenBundle) {}

  /**
   * Opens the checkpoint `prefix`.
   *
   * @throws `NotFoundError` if there is no index file, `DataLossError` or `InternalError` if it is damaged,
   * `InvalidArgumentError` if it needs another version of the format.
   */
  static async open(prefix: string, options: BundleReaderOptions = {}): Promise<BundleReader> {
    return new BundleReader(await OpenBundle.open(options.storage ?? defaultStorage(), prefix, options));
  }

  get prefix(): string {
    return this.opened.prefix;
  }

  get header(): BundleHeader {
    return this.opened.index.header;
  }

  /** The files, for every call that reads them. */
  private get bundle(): OpenBundle {
    if (this.#isClosed) throw closedReaderError(this.prefix);
    return this.opened;
  }

  /**
   * Returns the index entry of a tensor, or `undefined` if there is no tensor of this name.
   *
   * @throws `DataLossError` if the entry, or the part of the index that would hold it, is damaged.
   */
  async entry(name: string, options?: CallOptions): Promise<BundleEntry | undefined> {
    return this.bundle.index.find(name, options);
  }

  /** Returns the entries of many tensors, as {@link BundleReader.entry} does of one, in one pass over the index. */
  async entriesOf(names: readonly string[], options?: CallOptions): Promise<readonly (BundleEntry | undefined)[]> {
    return this.bundle.index.findAll(names, options);
  }

  /**
   * Yields the entries of all tensors, ordered by the UTF-8 bytes of their names. A partitioned tensor comes once, with its
   * slices.
   *
   * @throws `DataLossError` at the first damaged entry.
   */
  entries(options?: CallOptions): AsyncGenerator<BundleEntry> {
    return this.bundle.index.entries(options);
  }

  /** Yields the entries of all tensors, as {@link BundleReader.entries} does, and an error in place of each damaged one. */
  entriesOrErrors(options?: CallOptions): AsyncGenerator<BundleEntry | CheckpointError> {
    return this.bundle.index.entriesOrErrors(options);
  }

  /** Returns the bytes that a tensor takes in the data files, all its slices together. */
  async storedSize(entry: BundleEntry, options?: CallOptions): Promise<number> {
    return this.bundle.index.storedSize(entry, options);
  }

  /**
   * Reads a tensor, or a part of it, into new memory, and verifies its checksum. A partitioned tensor is put together from
   * its slices; for a part, only the slices that it needs are read. With `checksums: "none"`, only the bytes of the part are
   * read, and nothing is verified.
   *
   * @param slice - the part to read, whose missing dimensions are whole; default: the whole tensor
   * @throws `NotFoundError` if there is no tensor of this name, or its data file is missing; `DataLossError` if its entry or
   * its data is damaged; `InvalidArgumentError` if the stored slices leave a gap, `InternalError` if they overlap or
   * `slice` does not fit the tensor; `UnimplementedError` for dtype `resource`; `ResourceExhaustedError` if it does not fit
   * into memory, as no tensor above 4 GiB does in Node.js 20: read it with {@link BundleReader.stream}.
   * @example
   * ```ts
   * import { rows } from "@tfsaver/core";
   * import type { BundleReader } from "@tfsaver/tensor-bundle";
   *
   * export async function firstRows(reader: BundleReader, name: string, count: number) {
   *   return reader.get(name, rows(0, count), { checksums: "none" });
   * }
   * ```
   */
  async get(name: string, slice?: TensorSlice, options?: ReadOptions): Promise<Tensor> {
    const [tensor] = await this.getAll([{ name, slice }], options);
    return tensor as Tensor;
  }

  /**
   * Reads a tensor, or a part of it, in pieces: smaller tensors, in row-major order. So it need not fit into memory. A tensor
   * without elements has no pieces; one of strings or variants is read whole, and comes in one.
   *
   * The last piece comes only when the checksums of all of them are verified; the pieces before it are not verified yet.
   *
   * @throws as {@link BundleReader.get}, and `InvalidArgumentError` if `pieceBytes` is not a positive number. A
   * `DataLossError` for a wrong checksum comes in place of the last piece.
   * @example
   * ```ts
   * import { type NumericData, toTensor } from "@tfsaver/core";
   * import { MemoryStorage } from "@tfsaver/storage";
   * import { BundleReader, BundleWriter } from "@tfsaver/tensor-bundle";
   *
   * const storage = new MemoryStorage();
   * const writer = new BundleWriter("m", { storage });
   * await writer.add("w", toTensor([[1, 2], [3, 4]]));
   * await writer.finish();
   * const reader = await BundleReader.open("m", { storage });
   * for await (const { shape, data } of reader.stream("w", { pieceBytes: 8 })) {
   *   console.log(shape, data as NumericData); // [ 1, 2 ] Float32Array(2) [ 1, 2 ], then [ 3, 4 ]
   * }
   * ```
   */
  async *stream(name: string, options: StreamOptions = {}): AsyncGenerator<Tensor> {
    const { slice, pieceBytes } = options;
    if (pieceBytes !== undefined && !(pieceBytes > 0)) {
      throw new InvalidArgumentError(`pieceBytes must be a positive number, not ${pieceBytes}`);
    }
    const { bundle } = this;
    try {
      const [entry] = (await bundle.index.requireAll([name], options)) as [BundleEntry];
      const request = await resolveRequest(bundle.index, { name, slice }, entry, options);
      yield* streamRequest(bundle, request, options);
    } catch (error) {
      throw await this.#explain(error);
    }
  }

  /**
   * Reads a numeric tensor, or a part of it, into memory of the caller, little-endian.
   *
   * @param target - must have exactly the size of the tensor in bytes
   * @throws as {@link BundleReader.get}, and `InvalidArgumentError` if `target` has another size or the tensor is not
   * numeric. After a `DataLossError`, the content of `target` is undefined.
   */
  async getInto(name: string, target: Uint8Array, slice?: TensorSlice, options?: ReadOptions): Promise<void> {
    const [entry] = (await this.bundle.index.requireAll([name], options)) as [BundleEntry];
    requireTarget(entry, slice, target);
    for await (const _ of this.#read([{ name, slice }], options, { target }));
  }

  /**
   * Reads many tensors with few reads. They come in the order in which they lie in the files, which bounds the memory that
   * is needed. Reports progress after each.
   *
   * @throws as {@link BundleReader.get}; `NotFoundError` if the checkpoint was removed since it was opened, `AbortedError`
   * if it was replaced. Errors that the index can tell of come before any data is read.
   */
  async *getEach(requests: readonly TensorRequest[], options?: ReadOptions): AsyncGenerator<RequestedTensor> {
    for await (const batch of this.#read(requests, options)) {
      for (const [i, tensor] of batch.tensors.entries()) {
        yield { request: requests[batch.requests[i] as number] as TensorRequest, tensor };
      }
    }
  }

  /**
   * Reads many tensors, as {@link BundleReader.getEach} does, and returns them in the order of the requests. Much faster for
   * thousands of small tensors.
   */
  async getAll(requests: readonly TensorRequest[], options?: ReadOptions): Promise<Tensor[]> {
    const tensors = new Array<Tensor>(requests.length);
    for await (const batch of this.#read(requests, options, { keepsAll: true })) {
      for (let i = 0; i < batch.tensors.length; i++) {
        tensors[batch.requests[i] as number] = batch.tensors[i] as Tensor;
      }
    }
    return tensors;
  }

  /**
   * Plans the reads of data files that {@link BundleReader.getEach} would do, so that a cost can be shown before it is paid.
   * Planning reads the index entries.
   */
  async plan(requests: readonly TensorRequest[], options?: CallOptions): Promise<PlannedRead[]> {
    const { whole, stitched } = await resolveRequests(this.bundle.index, requests, options);
    const parts = stitched.map(({ stored }) => stored.map(({ entry }) => entry));
    return [whole, ...parts]
      .flatMap(planReads)
      .filter(({ length }) => length > 0)
      .sort(byPlace)
      .map(({ shard, offset, length, entries }) => ({
        path: this.bundle.data.filename(shard),
        offset,
        length,
        tensors: entries.map(({ name }) => name),
      }));
  }

  /**
   * Reads the data of a tensor, all its slices included, and compares checksums. Numbers are read in chunks, so it needs
   * little memory.
   *
   * @returns the number of bytes read
   * @throws as {@link BundleReader.get}.
   */
  async verify(entry: BundleEntry, options?: CallOptions): Promise<number> {
    let bytes = 0;
    for (const stored of await storedEntries(this.bundle, entry, options)) {
      await verifyStored(this.bundle, stored, options);
      bytes += stored.size;
    }
    return bytes;
  }

  /** Returns the path of the data file that holds an entry. */
  dataFilename(entry: BundleEntry): string {
    return this.opened.data.filename(entry.shard);
  }

  /**
   * Returns the size in bytes of data file `shard`, counted from 0.
   *
   * @throws `NotFoundError` if it does not exist.
   */
  async dataSize(shard: number): Promise<number> {
    return this.bundle.data.size(shard);
  }

  /** Closes the files. The reader can't be used afterwards. Closing it again does nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.opened.close();
  }

  /** Closes the reader at the end of a block that declares it with `await using`. */
  [asyncDispose](): Promise<void> {
    return this.close();
  }

  async #explain(error: unknown): Promise<unknown> {
    return this.#isClosed ? closedReaderError(this.prefix) : this.opened.explain(error);
  }

  /** Reads in the order of the files. It yields batches, because an await for every small tensor would be slow. */
  async *#read(
    requests: readonly TensorRequest[],
    options: ReadOptions | undefined,
    destination?: Destination,
  ): AsyncGenerator<Batch> {
    const { bundle } = this;
    try {
      const { whole, requestOf, stitched } = await resolveRequests(bundle.index, requests, options);
      let total = 0;
      for (const { size } of whole) total += size;
      for (const item of stitched) total += storedSizeOf(item);
      let done = 0;
      const report = (index: number, size: number) => {
        done += size;
        options?.onProgress?.({ done, total, tensor: (requests[index] as TensorRequest).name });
      };
      for await (const { read, tensors } of executePlan(bundle, planReads(whole), options, destination)) {
        const indices = read.indices.map((index) => requestOf[index] as number);
        for (let i = 0; i < indices.length; i++) report(indices[i] as number, (read.entries[i] as BundleEntry).size);
        yield { requests: indices, tensors };
      }
      for (const item of stitched) {
        const tensor = await readRequest(bundle, item, options, destination?.target);
        report(item.index, storedSizeOf(item));
        yield { requests: [item.index], tensors: tensor === undefined ? [] : [tensor] };
      }
    } catch (error) {
      throw await this.#explain(error);
    }
  }
}

function requireTarget({ name, dtype, shape }: BundleEntry, slice: TensorSlice | undefined, target: Uint8Array): void {
  const wanted = slice === undefined ? shape : sliceShape(shape, completeSlice(slice, shape.length));
  if (!isNumeric(dtype)) throw new InvalidArgumentError(`Tensor ${name} of dtype ${dtype} has no bytes of fixed size`);
  const size = byteLength(dtype, wanted);
  if (target.length !== size) {
    throw new InvalidArgumentError(`Tensor ${name} has ${size} bytes, but the target has ${target.length}`);
  }
}
