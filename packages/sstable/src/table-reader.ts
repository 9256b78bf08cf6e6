import { allocateBytes, DataLossError } from "@tfsaver/core";
import { crc32c, unmaskCrc, VarintReader } from "@tfsaver/core/coding";
import type { CallOptions, ReadableFile } from "@tfsaver/storage";
import { Block } from "./block.js";
import type { KeyRange, TableEntry } from "./block-cursor.js";
import {
  BLOCK_SIZE,
  BLOCK_TRAILER_SIZE,
  type BlockHandle,
  decodeFooter,
  decodeHandle,
  FOOTER_SIZE,
  SNAPPY,
  UNCOMPRESSED,
} from "./format.js";
import { compareBytes } from "./key-order.js";
import { uncompress } from "./snappy.js";

/** Number of data blocks in the cache, so that lookups of neighboring keys read their block once. */
const CACHED_BLOCKS = 32;
/** Size in bytes of the largest block of which several are cached. Writers make a larger one only for a single entry. */
const LARGEST_CACHED = 3 * BLOCK_SIZE;
/** Size in bytes of the largest block that is cached at all. */
const LARGEST_KEPT = 64 << 20;

/** Options of {@link TableReader.open}. */
export interface TableReaderOptions extends CallOptions {
  /** Maximum size of a compressed block's contents, as a multiple of its stored size. Default: 64/3, the format's. */
  readonly maxExpansion?: number | undefined;
}

/** A data block as the index lists it. */
interface IndexEntry {
  readonly keys: KeyRange;
  readonly handle: BlockHandle;
}

/** A block that was not read yet. */
export interface TableBlock {
  readonly kind: "data" | "metaindex";
  /** Byte offset in the file. */
  readonly offset: number;
  /**
   * Reads the block.
   *
   * @throws `DataLossError` if it is damaged.
   */
  read(): Promise<Block>;
}

/**
 * Reads a table: looks up single keys, or walks all entries. Opening reads the footer and the index block only. Every
 * block's checksum is verified when the block is read.
 *
 * @example
 * ```ts
 * import { TableReader } from "@tfsaver/sstable";
 * import type { Storage } from "@tfsaver/storage";
 *
 * export async function countEntries(storage: Storage, path: string): Promise<number> {
 *   const file = await storage.open(path);
 *   try {
 *     const table = await TableReader.open(file);
 *     let count = 0;
 *     for await (const _ of table.entries()) count++;
 *     return count;
 *   } finally {
 *     await file.close();
 *   }
 * }
 * ```
 */
export class TableReader {
  readonly #cache = new Map<IndexEntry, Block>();
  /** The last large block with several entries. Reading it again for each would take too long. */
  #large: { readonly entry: IndexEntry; readonly block: Block } | undefined;

  private constructor(
    private readonly file: ReadableFile,
    private readonly index: readonly IndexEntry[],
    private readonly metaindex: BlockHandle,
    private readonly maxExpansion: number | undefined,
  ) {}

  /**
   * Opens a table. The caller closes the file.
   *
   * @throws `DataLossError` if the file is not a table (`file is too short to be an sstable`, `not an sstable (bad magic
   * number)`), or if its index block is damaged or lists blocks that share bytes.
   */
  static async open(file: ReadableFile, options: TableReaderOptions = {}): Promise<TableReader> {
    const { path, size } = file;
    if (size < FOOTER_SIZE) {
      throw new DataLossError(`${path}: file is too short to be an sstable: it has ${size} bytes`, { path, offset: 0 });
    }
    const footer = new Uint8Array(FOOTER_SIZE);
    await file.readInto(size - FOOTER_SIZE, [footer], options);
    const handles = decodeFooter(footer, size, path);
    const block = await readBlock(file, handles.index, options);
    return new TableReader(file, readIndex(block, path), handles.metaindex, options.maxExpansion);
  }

  /**
   * Returns the value of a key, or `undefined` if the table does not have the key.
   *
   * @throws `DataLossError` if the block that would hold the key is damaged.
   */
  async get(key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return (await this.find(key, options))?.value;
  }

  /** Returns the entry of a key, as {@link TableReader.get} returns its value. */
  async find(key: Uint8Array, options?: CallOptions): Promise<TableEntry | undefined> {
    const entry = this.index[this.#firstBlockNotBefore(key)];
    if (entry === undefined) return undefined;
    const block = await this.#block(entry, options);
    const found = block.seek(key);
    return found !== undefined && compareBytes(found.key, key) === 0 ? found : undefined;
  }

  /** Returns the bytes that a lookup of the key reads: the block, trailer included, that holds the key if any does. */
  locate(key: Uint8Array): { readonly offset: number; readonly length: number } | undefined {
    const handle = this.index[this.#firstBlockNotBefore(key)]?.handle;
    return handle && { offset: handle.offset, length: handle.size + BLOCK_TRAILER_SIZE };
  }

  /**
   * Yields all entries in the order of their keys.
   *
   * @throws `DataLossError` at the first damaged block.
   */
  async *entries(options?: CallOptions): AsyncGenerator<TableEntry> {
    for (const entry of this.index) yield* (await this.#block(entry, options)).entries();
  }

  /**
   * Yields all blocks except the index block, each to be read separately, so that a damaged block does not hide the others.
   * The metaindex block, which nothing else reads, comes last.
   */
  *blocks(options?: CallOptions): Generator<TableBlock> {
    for (const entry of this.index) {
      yield { kind: "data", offset: entry.handle.offset, read: () => this.#block(entry, options) };
    }
    const { file, metaindex } = this;
    yield { kind: "metaindex", offset: metaindex.offset, read: () => readBlock(file, metaindex, options ?? {}) };
  }

  /** @throws `DataLossError` if the index lists a block that lies beyond the end of the file. */
  requireRoom(): void {
    for (const { handle } of this.index) requireRoom(this.file, handle);
  }

  #firstBlockNotBefore(key: Uint8Array): number {
    let low = 0;
    let high = this.index.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes((this.index[middle] as IndexEntry).keys.upTo, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async #block(entry: IndexEntry, options: CallOptions | undefined): Promise<Block> {
    const cached = this.#large?.entry === entry ? this.#large.block : this.#cache.get(entry);
    if (cached !== undefined) return cached;
    const { file, maxExpansion } = this;
    const block = await readBlock(file, entry.handle, { ...options, maxExpansion }, entry.keys);
    if (block.size > LARGEST_CACHED) {
      if (!block.hasOneEntry && block.size <= LARGEST_KEPT) this.#large = { entry, block };
      return block;
    }
    this.#cache.set(entry, block);
    if (this.#cache.size > CACHED_BLOCKS) this.#cache.delete(this.#cache.keys().next().value as IndexEntry);
    return block;
  }
}

/**
 * Reads the index block.
 *
 * @throws `DataLossError` if blocks share bytes: a small hostile file could list one block any number of times.
 */
function readIndex(block: Block, path: string): IndexEntry[] {
  const index: IndexEntry[] = [];
  let end = 0;
  let after: Uint8Array | undefined;
  for (const { key, value, offset } of block.entries()) {
    const handle = decodeHandle(new VarintReader(value), { path, offset });
    if (handle.offset < end) {
      throw new DataLossError(
        `${path}: bad block handle: the block at offset ${handle.offset} overlaps the block before it`,
        {
          path,
          offset,
        },
      );
    }
    end = handle.offset + handle.size + BLOCK_TRAILER_SIZE;
    index.push({ keys: { after, upTo: key }, handle });
    after = key;
  }
  return index;
}

async function readBlock(
  file: ReadableFile,
  handle: BlockHandle,
  options: TableReaderOptions,
  keys?: KeyRange,
): Promise<Block> {
  const { path } = file;
  const { offset, size } = handle;
  requireRoom(file, handle);
  const bytes = allocateBytes(size + BLOCK_TRAILER_SIZE);
  await file.readInto(offset, [bytes], options);
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(size + 1, true);
  if (crc32c(bytes.subarray(0, size + 1)) !== unmaskCrc(stored)) {
    throw new DataLossError(`${path}: block checksum mismatch (block at offset ${offset}, ${size} bytes)`, {
      path,
      offset,
    });
  }
  switch (bytes[size]) {
    case UNCOMPRESSED:
      return new Block(bytes.subarray(0, size), { path, offset }, size, keys);
    case SNAPPY: {
      const contents = uncompress(bytes.subarray(0, size), { path, offset }, options.maxExpansion);
      return new Block(contents, { path, offset }, size, keys);
    }
    default:
      throw new DataLossError(`${path}: bad block type ${bytes[size]} (block at offset ${offset})`, { path, offset });
  }
}

function requireRoom({ path, size: fileSize }: ReadableFile, { offset, size }: BlockHandle): void {
  if (offset + size + BLOCK_TRAILER_SIZE <= fileSize) return;
  throw new DataLossError(
    `${path}: Read less bytes than requested: a block of ${size} bytes at offset ${offset} does not fit into ` +
      `the file's ${fileSize} bytes`,
    { path, offset },
  );
}
