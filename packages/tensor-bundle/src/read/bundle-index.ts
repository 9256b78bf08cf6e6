import { stagedIndexFilename } from "@tfsaver/checkpoint-names";
import {
  byteLength,
  CheckpointError,
  DataLossError,
  formatShape,
  formatSlice,
  InternalError,
  isCheckpointError,
  isNumeric,
  NotFoundError,
  shapesEqual,
  sliceShape,
  type TensorSlice,
} from "@tfsaver/core";
import { sliceKey } from "@tfsaver/core/coding";
import { type BlockCursor, type TableEntry, TableReader } from "@tfsaver/sstable";
import type { CallOptions, ReadableFile, Storage } from "@tfsaver/storage";
import { DataExtent } from "../encode/data-extent.js";
import { type BundleEntry, decodeEntry, type EntrySource } from "../encode/entry.js";
import { type BundleHeader, readHeader } from "../encode/header.js";
import { HEADER_KEY, keyToName, nameToKey, SLICE_KEY_MARK } from "../encode/index-keys.js";
import { MAX_INDEX_IN_MEMORY, openIndexFile, requireUnchanged } from "./open-index-file.js";

/** Number of partitioned tensors whose entries are cached. */
const MAX_PARTITIONED = 16;
/** Number of tensors in one call from which the whole index is read instead of looking up each. */
const MANY = 64;

/**
 * Maximum size of a compressed block, as a multiple of its stored size. TensorFlow does not compress indexes, and real ones would
 * shrink to a half at best; but many short slices in a block that expands further would fill any memory.
 */
const MAX_EXPANSION = 8;

/** The result of looking up several names. */
interface Found {
  readonly names: readonly string[];
  readonly entries: readonly (BundleEntry | undefined)[];
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The index file of a bundle. */
export class BundleIndex {
  /** Cache of partitioned tensors. Their entries can be long, and every slice needs them again. */
  readonly #partitioned = new Map<string, BundleEntry>();
  /** All tensors, once many were looked up; `null` if the index turned out to be damaged. */
  #all: ReadonlyMap<string, BundleEntry> | null | undefined;
  /** The last lookup of several names. Most callers look at the entries first, then read the same tensors. */
  #found: Found = { names: [], entries: [] };
  /** The block of the row that was decoded last. */
  #source: EntrySource | undefined;

  private constructor(
    readonly header: BundleHeader,
    private readonly file: ReadableFile,
    private readonly table: TableReader,
    /** True if the index has its staged name, so that data files may have theirs: see `commitBundle`. */
    readonly isStaged: boolean,
  ) {}

  static async open(storage: Storage, prefix: string, options?: CallOptions): Promise<BundleIndex> {
    const file = await openIndexFile(storage, prefix, options);
    try {
      const table = await TableReader.open(file, { ...options, maxExpansion: MAX_EXPANSION });
      const isStaged = file.path === stagedIndexFilename(prefix);
      return new BundleIndex(await readHeader(table, file.path, options), file, table, isStaged);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get path(): string {
    return this.file.path;
  }

  /**
   * Checks that the checkpoint is still the one that was opened.
   *
   * @throws `NotFoundError` if it was removed, `AbortedError` if it was replaced.
   */
  requireUnchanged(storage: Storage, prefix: string): Promise<void> {
    return requireUnchanged(storage, prefix, this.file);
  }

  /** Size of the index file in bytes. */
  get size(): number {
    return this.file.size;
  }

  /** Returns the entry of a tensor, or `undefined` if there is no tensor of this name. */
  async find(name: string, options?: CallOptions): Promise<BundleEntry | undefined> {
    if (name === "" || name.charCodeAt(0) === SLICE_KEY_MARK) return undefined;
    if (this.#all) return this.#all.get(name);
    const known = this.#partitioned.get(name);
    if (known !== undefined) return known;
    const found = await this.table.find(nameToKey(name), options);
    if (found === undefined) return undefined;
    const entry = decodeEntry(name, found.value, { path: this.path, offset: found.offset });
    if (entry.slices.length > 0) this.#remember(entry);
    return entry;
  }

  /** Returns the entry of each of these tensors. For many, reads the whole index instead of looking up each. */
  async findAll(names: readonly string[], options?: CallOptions): Promise<readonly (BundleEntry | undefined)[]> {
    if (isSame(names, this.#found.names)) return this.#found.entries;
    if (this.#all === undefined && names.length >= MANY && this.size <= MAX_INDEX_IN_MEMORY) {
      await this.#readAll(options);
    }
    const all = this.#all;
    if (all) {
      this.#found = { names: names.slice(), entries: names.map((name) => all.get(name)) };
      return this.#found.entries;
    }
    const found: (BundleEntry | undefined)[] = [];
    for (const name of names) found.push(await this.find(name, options));
    return found;
  }

  /**
   * Returns the entry of each of these tensors.
   *
   * @throws `NotFoundError` for the first name without a tensor.
   */
  async requireAll(names: readonly string[], options?: CallOptions): Promise<BundleEntry[]> {
    const { path } = this;
    return (await this.findAll(names, options)).map((entry, i) => {
      if (entry !== undefined) return entry;
      throw new NotFoundError(`Key ${names[i]} not found in checkpoint ${path}`, { path, tensor: names[i] });
    });
  }

  /**
   * Returns the entry of one slice of a partitioned tensor.
   *
   * @throws `InternalError` if the tensor's entry lists the slice but the index does not have it, `DataLossError` if the
   * slice's dtype or shape does not match.
   */
  async requireSlice(whole: BundleEntry, slice: TensorSlice, options?: CallOptions): Promise<BundleEntry> {
    const { path } = this;
    const label = `${whole.name} ${formatSlice(slice)}`;
    const found = await this.table.find(sliceKey(nameToKey(whole.name), slice), options);
    if (found === undefined) {
      throw new InternalError(`${path}: the slice ${label} is missing`, { path, tensor: whole.name });
    }
    const { offset } = found;
    const entry = decodeEntry(label, found.value, { path, offset });
    const shape = sliceShape(whole.shape, slice, { path, offset, tensor: whole.name });
    if (entry.dtype !== whole.dtype || entry.slices.length > 0 || !shapesEqual(entry.shape, shape)) {
      throw new DataLossError(
        `${path}: the entry of the slice ${label} does not describe a ${whole.dtype} slice of shape ${formatShape(shape)}`,
        { path, offset, tensor: whole.name },
      );
    }
    return entry;
  }

  /** Returns the bytes that a tensor takes in the data files, all its slices together. */
  async storedSize(entry: BundleEntry, options?: CallOptions): Promise<number> {
    if (entry.slices.length === 0) return entry.size;
    if (isNumeric(entry.dtype)) return byteLength(entry.dtype, entry.shape);
    let size = 0;
    for (const slice of entry.slices) size += (await this.requireSlice(entry, slice, options)).size;
    return size;
  }

  /**
   * Yields the entries of all tensors, ordered by the UTF-8 bytes of their names. A partitioned tensor comes once.
   *
   * @throws `DataLossError` at the first damaged entry.
   */
  async *entries(options?: CallOptions): AsyncGenerator<BundleEntry> {
    for await (const rows of this.#blocks(options)) {
      for (let row = rows.next(); row !== undefined; row = rows.next()) {
        const entry = this.#decode(row);
        if (entry !== undefined) yield entry;
      }
    }
  }

  /** Yields the rows of each block. An await for every row would take longer than decoding it. */
  async *#blocks(options?: CallOptions): AsyncGenerator<BlockCursor> {
    for (const block of this.table.blocks(options)) {
      if (block.kind === "data") yield (await block.read()).cursor();
    }
  }

  /** Yields the entries of all tensors, and an error in place of each damaged entry or block. */
  async *entriesOrErrors(options?: CallOptions): AsyncGenerator<BundleEntry | CheckpointError> {
    for (const block of this.table.blocks(options)) {
      try {
        const rows = (await block.read()).entries();
        if (block.kind === "data") yield* this.#decodeEach(rows);
      } catch (error) {
        yield requireCheckpointError(error);
      }
    }
  }

  /**
   * Returns where the data of each data file ends, by the number of the file, or `undefined` if an entry is not as nearly all
   * are, so that only reading them one by one can tell.
   */
  async dataEnds(options?: CallOptions): Promise<ReadonlyMap<number, number> | undefined> {
    const ends = new Map<number, number>();
    const extent = new DataExtent();
    let areUsual = true;
    let lastShard = -1;
    let lastEnd = 0;
    for (const block of this.table.blocks(options)) {
      const content = await block.read();
      if (block.kind !== "data") continue;
      content.forEachValue((bytes, start, end, keyLength) => {
        if (keyLength === HEADER_KEY.length) return;
        areUsual &&= extent.read(bytes, start, end);
        if (extent.shard === lastShard && extent.end <= lastEnd) return;
        lastShard = extent.shard;
        lastEnd = Math.max(extent.end, ends.get(lastShard) ?? 0);
        ends.set(lastShard, lastEnd);
      });
    }
    return areUsual ? ends : undefined;
  }

  /** Yields the rows of all tensors and slices as they are stored, without the header. */
  async *rows(options?: CallOptions): AsyncGenerator<TableEntry> {
    for await (const row of this.table.entries(options)) if (row.key.length > HEADER_KEY.length) yield row;
  }

  close(): Promise<void> {
    return this.file.close();
  }

  async #readAll(options?: CallOptions): Promise<void> {
    const all = new Map<string, BundleEntry>();
    try {
      for await (const rows of this.#blocks(options)) {
        for (let row = rows.next(); row !== undefined; row = rows.next()) {
          const entry = this.#decode(row);
          if (entry !== undefined) all.set(entry.name, entry);
        }
      }
      this.#all = all;
    } catch (error) {
      // The undamaged entries can still be looked up one by one.
      if (!isCheckpointError(error, "DataLossError")) throw error;
      this.#all = null;
    }
  }

  #remember(entry: BundleEntry): void {
    const [oldest] = this.#partitioned.keys();
    if (oldest !== undefined && this.#partitioned.size >= MAX_PARTITIONED) this.#partitioned.delete(oldest);
    this.#partitioned.set(entry.name, entry);
  }

  *#decodeEach(rows: Iterable<TableEntry>): Generator<BundleEntry | CheckpointError> {
    for (const row of rows) {
      try {
        const entry = this.#decode(row);
        if (entry !== undefined) yield entry;
      } catch (error) {
        yield requireCheckpointError(error);
      }
    }
  }

  #decode({ key, value, offset }: TableEntry): BundleEntry | undefined {
    if (key.length === HEADER_KEY.length || key[0] === SLICE_KEY_MARK) return undefined;
    const name = keyToName(key);
    if (name === undefined) {
      throw new DataLossError(`${this.path}: the name of a tensor is not valid UTF-8: bytes ${key.join(" ")}`, {
        path: this.path,
        offset,
      });
    }
    // The thousands of rows of a block share one object.
    if (this.#source?.offset !== offset) this.#source = { path: this.path, offset };
    return decodeEntry(name, value, this.#source);
  }
}

function requireCheckpointError(error: unknown): CheckpointError {
  if (error instanceof CheckpointError) return error;
  throw error;
}
