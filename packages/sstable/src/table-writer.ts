import { InvalidArgumentError } from "@tfsaver/core";
import type { WritableFile } from "@tfsaver/storage";
import { BlockBuilder } from "./block-builder.js";
import {
  BLOCK_SIZE,
  BLOCK_TRAILER_SIZE,
  type BlockHandle,
  encodeFooter,
  encodeHandle,
  encodeTrailer,
  RESTART_INTERVAL,
} from "./format.js";
import { commonPrefixLength, compareBytes } from "./key-order.js";

/**
 * Writes a table, byte for byte as TensorFlow 2.21's `table::TableBuilder` does. Keys must be added in ascending order.
 * Finished blocks stay in memory until {@link TableWriter.flush} or {@link TableWriter.finish} writes them.
 *
 * @example
 * ```ts
 * import { TableWriter } from "@tfsaver/sstable";
 * import { MemoryStorage } from "@tfsaver/storage";
 *
 * const file = await new MemoryStorage().create("table");
 * const writer = new TableWriter(file);
 * writer.add(Uint8Array.of(1), Uint8Array.of(10));
 * writer.add(Uint8Array.of(2), Uint8Array.of(20));
 * await writer.finish();
 * await file.close();
 * ```
 */
export class TableWriter {
  readonly #data = new BlockBuilder(RESTART_INTERVAL);
  readonly #index = new BlockBuilder(1);
  readonly #dataBlocks: BlockHandle[] = [];
  #pendingWrites: Uint8Array[] = [];
  #offset = 0;
  #lastKey: Uint8Array | undefined;
  /** The finished block that is not in the index yet, because its index key depends on the next key. */
  #pendingHandle: BlockHandle | undefined;

  /** @param file - a new, empty file, which the caller closes */
  constructor(private readonly file: Pick<WritableFile, "write">) {}

  /** Bytes of finished blocks that were not written yet. */
  get pendingBytes(): number {
    return this.#pendingWrites.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Handles of the finished blocks that hold entries. */
  get dataBlocks(): readonly BlockHandle[] {
    return this.#dataBlocks;
  }

  /**
   * Adds an entry. The key's memory must not change afterwards.
   *
   * @returns the byte offset of its value in the file
   * @throws `InvalidArgumentError` if the key does not come after the previous one.
   */
  add(key: Uint8Array, value: Uint8Array): number {
    if (this.#lastKey !== undefined && compareBytes(this.#lastKey, key) >= 0) {
      throw new InvalidArgumentError("Keys of a table must be added in ascending order, without duplicates");
    }
    // A very large entry gets a block of its own.
    if (this.#lastKey !== undefined && key.length + value.length >= 2 * BLOCK_SIZE) this.#finishBlock();
    if (this.#pendingHandle !== undefined) {
      this.#index.add(separator(this.#lastKey as Uint8Array, key), encodeHandle(this.#pendingHandle));
      this.#pendingHandle = undefined;
    }
    const valueOffset = this.#offset + this.#data.add(key, value);
    this.#lastKey = key;
    if (this.#data.estimatedSize >= BLOCK_SIZE) this.#finishBlock();
    return valueOffset;
  }

  /** Writes the finished blocks to the file. */
  async flush(): Promise<void> {
    const chunks = this.#pendingWrites;
    this.#pendingWrites = [];
    if (chunks.length > 0) await this.file.write(chunks);
  }

  /** Writes the remaining blocks, the index and the footer, and returns the size of the table in bytes. */
  async finish(): Promise<number> {
    this.#finishBlock();
    const metaindex = this.#writeBlock(new BlockBuilder(RESTART_INTERVAL).finish());
    if (this.#pendingHandle !== undefined) {
      this.#index.add(successor(this.#lastKey as Uint8Array), encodeHandle(this.#pendingHandle));
    }
    const index = this.#writeBlock(this.#index.finish());
    const footer = encodeFooter({ metaindex, index });
    this.#pendingWrites.push(footer);
    await this.flush();
    return this.#offset + footer.length;
  }

  #finishBlock(): void {
    if (this.#data.isEmpty) return;
    this.#pendingHandle = this.#writeBlock(this.#data.finish());
    this.#dataBlocks.push(this.#pendingHandle);
  }

  #writeBlock(contents: Uint8Array): BlockHandle {
    const handle = { offset: this.#offset, size: contents.length };
    this.#pendingWrites.push(contents, encodeTrailer(contents));
    this.#offset += contents.length + BLOCK_TRAILER_SIZE;
    return handle;
  }
}

/** Returns a short key `k` with `before` ≤ `k` < `after`, by exactly LevelDB's rule. */
function separator(before: Uint8Array, after: Uint8Array): Uint8Array {
  const common = commonPrefixLength(before, after);
  const byte = before[common];
  const next = after[common];
  if (byte === undefined || next === undefined || byte + 1 >= next) return before;
  return raised(before, common);
}

/** Returns a short key that is not before `key`. */
function successor(key: Uint8Array): Uint8Array {
  const first = key.findIndex((byte) => byte !== 0xff);
  return first < 0 ? key : raised(key, first);
}

/** Returns the first `index + 1` bytes of a key, the last of them incremented. */
function raised(key: Uint8Array, index: number): Uint8Array {
  const short = key.slice(0, index + 1);
  short[index] = (key[index] as number) + 1;
  return short;
}
