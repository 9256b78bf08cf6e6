import { InvalidArgumentError } from "@tfsaver/core";
import type { WritableFile } from "@tfsaver/storage";
import { BlockBuilder } from "./block-builder.js";
import { commonPrefixLength, compareBytes } from "./bytes.js";
import {
  BLOCK_SIZE,
  BLOCK_TRAILER_SIZE,
  type BlockHandle,
  encodeFooter,
  encodeHandle,
  encodeTrailer,
  RESTART_INTERVAL,
} from "./format.js";

/**
 * Writes a table, byte for byte as TensorFlow 2.21's `table::TableBuilder` does. Keys are added in ascending order;
 * finished blocks pile up in memory until {@link TableWriter.flush} or {@link TableWriter.finish} writes them.
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

  /** @param file - a new, empty file; closing it is the caller's business */
  constructor(private readonly file: Pick<WritableFile, "write">) {}

  /** Bytes of finished blocks that wait to be written. */
  get pendingBytes(): number {
    return this.#pendingWrites.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Where the blocks lie that hold entries, as far as they are finished. */
  get dataBlocks(): readonly BlockHandle[] {
    return this.#dataBlocks;
  }

  /**
   * Adds an entry. The key's memory must not change afterwards.
   *
   * @returns where in the file its value starts
   * @throws `InvalidArgumentError` if the key does not come after the one before.
   */
  add(key: Uint8Array, value: Uint8Array): number {
    if (this.#lastKey !== undefined && compareBytes(this.#lastKey, key) >= 0) {
      throw new InvalidArgumentError("Keys of a table must be added in ascending order, each once");
    }
    // An over-large entry gets a block of its own.
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

  /** Writes the blocks that are finished. */
  async flush(): Promise<void> {
    const chunks = this.#pendingWrites;
    this.#pendingWrites = [];
    if (chunks.length > 0) await this.file.write(chunks);
  }

  /** Writes what is left, the index and the footer, and returns the size of the table in bytes. */
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

/** A short key that is not before `before` and is before `after`; LevelDB's rule, letter for letter. */
function separator(before: Uint8Array, after: Uint8Array): Uint8Array {
  const common = commonPrefixLength(before, after);
  const byte = before[common];
  const next = after[common];
  if (byte === undefined || next === undefined || byte + 1 >= next) return before;
  return raised(before, common);
}

/** A short key that is not before `key`. */
function successor(key: Uint8Array): Uint8Array {
  const first = key.findIndex((byte) => byte !== 0xff);
  return first < 0 ? key : raised(key, first);
}

/** The start of a key up to `index`, whose byte is raised by one. */
function raised(key: Uint8Array, index: number): Uint8Array {
  const short = key.slice(0, index + 1);
  short[index] = (key[index] as number) + 1;
  return short;
}
