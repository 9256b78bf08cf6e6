import { stagedIndexFilename } from "@tfsaver/checkpoint-names";
import {
  CheckpointError,
  DataLossError,
  formatShape,
  formatSlice,
  InternalError,
  isCheckpointError,
  NotFoundError,
  shapesEqual,
  sliceShape,
  type TensorSlice,
} from "@tfsaver/core";
import { sliceKey } from "@tfsaver/core/coding";
import { type BlockCursor, type TableEntry, TableReader } from "@tfsaver/sstable";
import type { CallOptions, ReadableFile, Storage } from "@tfsaver/storage";
import { type BundleEntry, decodeEntry, type EntrySource } from "./entry.js";
import { type BundleHeader, readHeader } from "./header.js";
import { LARGEST_KEPT, openIndexFile, requireUnchanged } from "./index-file.js";
import { HEADER_KEY, keyToName, nameToKey, SLICE_KEY_MARK } from "./names.js";

/** So many partitioned tensors are remembered. */
const MAX_PARTITIONED = 16;
/** To find so many tensors at once, the whole index is read. */
const MANY = 64;

/** What is said of tensors of these names. */
interface Found {
  readonly names: readonly string[];
  readonly entries: readonly (BundleEntry | undefined)[];
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The index file of a bundle: what is in it and where. */
export class BundleIndex {
  /** The partitioned tensors asked for last: their entries can be long, and are asked for again for each slice. */
  readonly #partitioned = new Map<string, BundleEntry>();
  /** All tensors, once many have been asked for; `null` if that showed damage. */
  #all: ReadonlyMap<string, BundleEntry> | null | undefined;
  /** What was found last: whoever reads tensors has mostly looked at what they are before. */
  #found: Found = { names: [], entries: [] };
  /** Where the row that was decoded last comes from. */
  #source: EntrySource | undefined;

  private constructor(
    readonly header: BundleHeader,
    private readonly file: ReadableFile,
    private readonly table: TableReader,
    /** Whether data files may wait under names of their own too: see `commitBundle`. */
    readonly isStaged: boolean,
  ) {}

  static async open(storage: Storage, prefix: string, options?: CallOptions): Promise<BundleIndex> {
    const file = await openIndexFile(storage, prefix, options);
    try {
      const table = await TableReader.open(file, options);
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
   * Makes sure that the checkpoint is still the one that was opened, after something of it turned out to be wrong.
   *
   * @throws `NotFoundError` if it was removed meanwhile, `AbortedError` if it was written anew.
   */
  requireUnchanged(storage: Storage, prefix: string): Promise<void> {
    return requireUnchanged(storage, prefix, this.file);
  }

  /** Size of the index file in bytes. */
  get size(): number {
    return this.file.size;
  }

  /** What is said of a tensor, or `undefined` if there is none of that name. */
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

  /** What is said of each of these tensors; of many without searching for each. */
  async findAll(names: readonly string[], options?: CallOptions): Promise<readonly (BundleEntry | undefined)[]> {
    if (isSame(names, this.#found.names)) return this.#found.entries;
    if (this.#all === undefined && names.length >= MANY && this.size <= LARGEST_KEPT) await this.#readAll(options);
    const all = this.#all;
    if (all) {
      this.#found = { names: names.slice(), entries: names.map((name) => all.get(name)) };
      return this.#found.entries;
    }
    const found: (BundleEntry | undefined)[] = [];
    for (const name of names) found.push(await this.find(name, options));
    return found;
  }

  /** @throws `NotFoundError` for the first name that there is no tensor of. */
  async requireAll(names: readonly string[], options?: CallOptions): Promise<BundleEntry[]> {
    const { path } = this;
    return (await this.findAll(names, options)).map((entry, i) => {
      if (entry !== undefined) return entry;
      throw new NotFoundError(`Key ${names[i]} not found in checkpoint ${path}`, { path, tensor: names[i] });
    });
  }

  /**
   * Where a slice of a partitioned tensor lies.
   *
   * @throws `InternalError` if the index promises the slice but does not have it, `DataLossError` if its entry is not
   * that of such a slice.
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
        `${path}: the entry of the slice ${label} is not one of a ${whole.dtype} slice of shape ${formatShape(shape)}`,
        { path, offset, tensor: whole.name },
      );
    }
    return entry;
  }

  /**
   * All tensors in the order of their names' bytes. The slices of partitioned ones are part of them.
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

  /** Rows, block by block: to wait for each would take longer than to decode it. */
  async *#blocks(options?: CallOptions): AsyncGenerator<BlockCursor> {
    for (const block of this.table.blocks(options)) {
      if (block.kind === "data") yield (await block.read()).cursor();
    }
  }

  /** All tensors, and in the place of what is damaged the error that says so; goes on after each. */
  async *entriesOrErrors(options?: CallOptions): AsyncGenerator<BundleEntry | CheckpointError> {
    for (const block of this.table.blocks(options)) {
      try {
        const rows = (await block.read()).entries();
        if (block.kind === "data") yield* this.#decodeEach(rows);
      } catch (error) {
        yield requireOurs(error);
      }
    }
  }

  /** The entries as they are stored, with their keys; the header's apart. */
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
      // What is not damaged can still be found, one by one.
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
        yield requireOurs(error);
      }
    }
  }

  #decode({ key, value, offset }: TableEntry): BundleEntry | undefined {
    if (key.length === HEADER_KEY.length || key[0] === SLICE_KEY_MARK) return undefined;
    const name = keyToName(key);
    if (name === undefined) {
      throw new DataLossError(`${this.path}: a tensor's name is not valid UTF-8: ${key.join(" ")}`, {
        path: this.path,
        offset,
      });
    }
    // Rows of a block share it, because there are thousands.
    if (this.#source?.offset !== offset) this.#source = { path: this.path, offset };
    return decodeEntry(name, value, this.#source);
  }
}

function requireOurs(error: unknown): CheckpointError {
  if (error instanceof CheckpointError) return error;
  throw error;
}
