import {
  allocateTensor,
  CheckpointError,
  DataLossError,
  dtypeInfo,
  InvalidArgumentError,
  isNumeric,
  makeTensor,
  NotFoundError,
  numElements,
  type OperationOptions,
  type Tensor,
  tensorBytes,
  UnimplementedError,
} from "@tfsaver/core";
import { crc32c } from "@tfsaver/core/coding";
import { type TableEntry, TableReader } from "@tfsaver/sstable";
import type { CallOptions, ReadableFile, Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { swapBytes } from "./byte-order.js";
import { DataFiles } from "./data-files.js";
import { type BundleEntry, decodeEntry } from "./entry.js";
import { type BundleHeader, readHeader } from "./header.js";
import { HEADER_KEY, indexFilename, keyToName, nameToKey, SLICE_KEY_MARK } from "./names.js";
import { decodeStrings } from "./strings.js";

/** Options of {@link BundleReader.open}. */
export interface BundleReaderOptions extends OperationOptions {
  /** Where to read. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/**
 * Reads a V2 checkpoint. Opening reads the ends of the index file only; a tensor's index entry and data are read when
 * they are asked for, so a checkpoint may be larger than memory. {@link BundleReader.close} it after use.
 */
export class BundleReader {
  private constructor(
    readonly prefix: string,
    readonly header: BundleHeader,
    private readonly indexFile: ReadableFile,
    private readonly table: TableReader,
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
    const path = indexFilename(prefix);
    const file = await storage.open(path, options);
    try {
      const table = await TableReader.open(file, options);
      const header = await readHeader(table, path, options);
      return new BundleReader(prefix, header, file, table, new DataFiles(storage, prefix, header.numShards));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * What the index says of a tensor, or `undefined` if it has none of that name.
   *
   * @throws `DataLossError` if the entry, or the part of the index where it would be, is damaged.
   */
  async entry(name: string, options?: CallOptions): Promise<BundleEntry | undefined> {
    if (name === "") return undefined;
    const value = await this.table.get(nameToKey(name), options);
    return value === undefined ? undefined : decodeEntry(name, value, this.indexFile.path);
  }

  /**
   * All tensors in the order of their names' bytes.
   *
   * @throws `DataLossError` at the first damaged entry.
   */
  async *entries(options?: CallOptions): AsyncGenerator<BundleEntry> {
    for await (const { key, value } of this.table.entries(options)) {
      const entry = this.#entryOf(key, value);
      if (entry !== undefined) yield entry;
    }
  }

  /**
   * A tensor's value, in memory of its own, its checksum verified.
   *
   * @throws `NotFoundError` if there is none of that name, or its data file is missing; `DataLossError` if its entry or
   * its data is damaged; `UnimplementedError` if it is stored in slices, or its dtype can't be read.
   */
  async get(name: string, options?: CallOptions): Promise<Tensor> {
    return this.read(await this.#require(name, options), options);
  }

  /**
   * Reads a numeric tensor into memory of the caller's, little-endian.
   *
   * @param target - exactly as many bytes as the tensor has
   * @throws as {@link BundleReader.get}, and `InvalidArgumentError` if `target` has another size. After a
   * `DataLossError`, `target` holds what was read.
   */
  async getInto(name: string, target: Uint8Array, options?: CallOptions): Promise<void> {
    const entry = await this.#require(name, options);
    if (!isNumeric(entry.dtype)) throw new InvalidArgumentError(`Tensor ${name} of dtype ${entry.dtype} has no bytes`);
    if (target.length !== entry.size) {
      throw new InvalidArgumentError(`Tensor ${name} has ${entry.size} bytes, the target ${target.length}`);
    }
    await this.#readNumeric(entry, target, options);
  }

  /** The value of an entry that {@link BundleReader.entry} or {@link BundleReader.entries} gave. Throws as `get`. */
  async read(entry: BundleEntry, options?: CallOptions): Promise<Tensor> {
    requireWhole(entry);
    // Opened first, so that no more is allocated than the file can fill.
    if (entry.size > 0) await this.data.fileOf(entry);
    if (isNumeric(entry.dtype)) {
      const tensor = allocateTensor(entry.dtype, entry.shape);
      await this.#readNumeric(entry, tensorBytes(tensor), options);
      return tensor;
    }
    if (entry.dtype !== "string") {
      throw new UnimplementedError(`Tensor ${entry.name} of dtype ${entry.dtype} can't be read`, {
        tensor: entry.name,
      });
    }
    const bytes = new Uint8Array(entry.size);
    await this.data.readInto(entry, 0, bytes, options);
    return makeTensor("string", entry.shape, this.#decodeStrings(entry, bytes));
  }

  /**
   * Reads an entry's data and compares its checksum, in pieces, so that little memory is needed for numbers.
   *
   * @throws as {@link BundleReader.get}.
   */
  async verify(entry: BundleEntry, options?: CallOptions): Promise<void> {
    if (!isNumeric(entry.dtype)) {
      await this.read(entry, options);
      return;
    }
    requireWhole(entry);
    const piece = new Uint8Array(Math.min(entry.size, VERIFY_PIECE));
    let crc = 0;
    for (let done = 0; done < entry.size; done += piece.length) {
      const part = piece.subarray(0, Math.min(piece.length, entry.size - done));
      await this.data.readInto(entry, done, part, options);
      crc = crc32c(part, crc);
    }
    this.#checkCrc(entry, crc);
  }

  /**
   * All tensors that the index names, and in the place of what is damaged the error that says so; goes on after each.
   */
  async *entriesOrErrors(options?: CallOptions): AsyncGenerator<BundleEntry | CheckpointError> {
    for (const block of this.table.blocks(options)) {
      try {
        const rows = (await block.read()).entries();
        if (block.kind === "data") yield* this.#decodeRows(rows);
      } catch (error) {
        yield requireOurs(error);
      }
    }
  }

  /** The data file of an entry. */
  dataFilename(entry: BundleEntry): string {
    return this.data.filename(entry.shard);
  }

  /** Closes the files. The reader is of no use afterwards. */
  async close(): Promise<void> {
    await Promise.all([this.indexFile.close(), this.data.close()]);
  }

  #entryOf(key: Uint8Array, value: Uint8Array): BundleEntry | undefined {
    if (key.length === HEADER_KEY.length || key[0] === SLICE_KEY_MARK) return undefined;
    const name = keyToName(key);
    if (name === undefined) {
      const { path } = this.indexFile;
      throw new DataLossError(`${path}: a tensor's name is not valid UTF-8: ${String(key)}`, { path });
    }
    return decodeEntry(name, value, this.indexFile.path);
  }

  *#decodeRows(rows: Iterable<TableEntry>): Generator<BundleEntry | CheckpointError> {
    for (const { key, value } of rows) {
      try {
        const entry = this.#entryOf(key, value);
        if (entry !== undefined) yield entry;
      } catch (error) {
        yield requireOurs(error);
      }
    }
  }

  async #require(name: string, options: CallOptions | undefined): Promise<BundleEntry> {
    const entry = await this.entry(name, options);
    if (entry !== undefined) return entry;
    throw new NotFoundError(`Key ${name} not found in checkpoint ${this.prefix}`, {
      path: this.indexFile.path,
      tensor: name,
    });
  }

  async #readNumeric(entry: BundleEntry, target: Uint8Array, options: CallOptions | undefined): Promise<void> {
    requireWhole(entry);
    await this.data.readInto(entry, 0, target, options);
    this.#checkCrc(entry, crc32c(target));
    if (this.header.endianness === "big") swapBytes(target, entry.dtype);
    const { bits } = dtypeInfo(entry.dtype);
    // TensorFlow takes sub-byte numbers with or without their sign extended into the rest of the byte.
    if (bits < 8) for (let i = 0; i < target.length; i++) (target[i] as number) &= (1 << bits) - 1;
  }

  #decodeStrings(entry: BundleEntry, bytes: Uint8Array): Uint8Array[] {
    const context = { path: this.dataFilename(entry), offset: entry.offset, tensor: entry.name };
    let decoded: ReturnType<typeof decodeStrings>;
    try {
      decoded = decodeStrings(bytes, numElements(entry.shape), this.header.endianness);
    } catch (error) {
      if (!(error instanceof DataLossError)) throw error;
      throw new DataLossError(`${context.path}: tensor ${entry.name}: ${error.message}`, { ...context, cause: error });
    }
    this.#checkCrc(entry, decoded.crc32c);
    return decoded.strings;
  }

  #checkCrc(entry: BundleEntry, actual: number): void {
    if (actual === entry.crc32c) return;
    const path = this.dataFilename(entry);
    throw new DataLossError(
      `TensorBundle at ${this.prefix} shard ${entry.shard} (${entry.size} bytes): Checksum does not match: stored ` +
        `${entry.crc32c} vs. calculated on the restored bytes ${actual}: tensor ${entry.name} in ${path} at offset ` +
        `${entry.offset} is damaged`,
      { path, offset: entry.offset, tensor: entry.name },
    );
  }
}

const VERIFY_PIECE = 8 << 20;

function requireWhole(entry: BundleEntry): void {
  if (entry.sliced) {
    throw new UnimplementedError(`Tensor ${entry.name} is stored in slices, which can't be read yet`, {
      tensor: entry.name,
    });
  }
}

function requireOurs(error: unknown): CheckpointError {
  if (error instanceof CheckpointError) return error;
  throw error;
}
