import { DataLossError } from "@tfsaver/core";
import { Arena, copyBytes, VarintReader } from "@tfsaver/core/coding";
import { RESTART_INTERVAL } from "./format.js";
import { compareBytes } from "./key-order.js";

/** A key and its value. */
export interface TableEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** Byte offset in the file of the block that holds the entry. */
  readonly offset: number;
}

/** The range of a block's keys, from the index. */
export interface KeyRange {
  /** Exclusive lower bound. */
  readonly after: Uint8Array | undefined;
  /** Inclusive upper bound. */
  readonly upTo: Uint8Array;
}

/** The file and the offset of a block, for errors. */
export interface BlockPlace {
  readonly path: string;
  readonly offset: number;
}

/** The entries of a block as they are stored. */
export interface StoredEntries {
  /** The block without its trailer. */
  readonly contents: Uint8Array;
  /** Offset at which the entries end and the restart offsets begin. */
  readonly end: number;
  readonly where: BlockPlace;
  /** Size in bytes of the block as it is stored, which may be compressed. */
  readonly storedSize: number;
  /** The range to check keys against. A key outside of it would be listed, but a lookup would not find it. */
  readonly keys?: KeyRange | undefined;
}

const NO_KEY = new Uint8Array();
/** Size in bytes of the memory blocks for keys that are put together from a shared beginning and a rest. */
const KEY_BLOCK_BYTES = 4 << 10;

/**
 * Maximum size of a block's keys, as a multiple of the block's stored size. Writers store a key whole after so many entries, so
 * their blocks stay below; those of TensorFlow's goldens reach 1.1. Without the limit, a small hostile file could fill any
 * memory.
 */
const MAX_KEY_EXPANSION = RESTART_INTERVAL;
/** Bytes that count for an entry besides its key, because every entry takes memory and time. */
const ENTRY_COST = 64;
/** Number of entries in the smallest block that is held to the limit. */
const FREE_ENTRIES = 16;

/** Walks through the entries of a block. It is no generator, because a generator takes longer than the decoding. */
export class BlockCursor {
  readonly #reader: VarintReader;
  readonly #keys = new Arena(KEY_BLOCK_BYTES);
  #lastKey: Uint8Array | undefined;
  #keyBytes = -FREE_ENTRIES * ENTRY_COST;

  /** @param start - offset of an entry whose key is stored whole */
  constructor(
    private readonly entries: StoredEntries,
    private readonly start: number,
  ) {
    this.#reader = new VarintReader(entries.contents, start, entries.end);
  }

  get isAtEnd(): boolean {
    return this.#reader.offset >= this.entries.end;
  }

  /**
   * Returns the next entry, or `undefined` at the end.
   *
   * @throws `DataLossError` (`bad entry in block`) if it is damaged.
   */
  next(): TableEntry | undefined {
    const { contents, end, where, storedSize } = this.entries;
    const reader = this.#reader;
    if (reader.offset >= end) return undefined;
    let shared: number;
    let unshared: number;
    let valueLength: number;
    try {
      shared = reader.next();
      unshared = reader.next();
      valueLength = reader.next();
    } catch (cause) {
      throw badEntry(where, "its lengths are truncated", cause);
    }
    const keyStart = reader.offset;
    const valueStart = keyStart + unshared;
    const valueEnd = valueStart + valueLength;
    const before = this.#lastKey ?? NO_KEY;
    if (shared > before.length || valueEnd > end) throw badEntry(where, "an entry overruns the block");
    this.#keyBytes += shared + unshared + ENTRY_COST;
    if (this.#keyBytes > storedSize * MAX_KEY_EXPANSION) {
      throw badEntry(where, `its keys are too many or too long for its ${storedSize} bytes`);
    }
    let key: Uint8Array;
    if (shared === 0) key = contents.subarray(keyStart, valueStart);
    else {
      const memory = this.#keys.open(shared + unshared);
      const joint = copyBytes(before, memory, this.#keys.start, 0, shared);
      key = this.#keys.close(copyBytes(contents, memory, joint, keyStart, valueStart));
    }
    reader.offset = valueEnd;
    this.#requireOrder(key, shared);
    this.#lastKey = key;
    return { key, value: contents.subarray(valueStart, valueEnd), offset: where.offset };
  }

  /** Checks the order of keys inside the block, and its first and last key against the range from the index. */
  #requireOrder(key: Uint8Array, shared: number): void {
    const { end, where, keys } = this.entries;
    if (this.#lastKey !== undefined) {
      if (compareBytes(this.#lastKey, key, shared) >= 0) throw badEntry(where, "its key is not after the one before");
    } else if (this.start === 0 && keys?.after !== undefined && compareBytes(keys.after, key) >= 0) {
      throw badEntry(where, "its key is not after the block before");
    }
    if (this.#reader.offset === end && keys !== undefined && compareBytes(key, keys.upTo) > 0) {
      throw badEntry(where, "its key is after the last key that the index gives for the block");
    }
  }
}

function badEntry(where: BlockPlace, problem: string, cause?: unknown): DataLossError {
  return badBlock(where, `bad entry in block: ${problem}`, cause);
}

/** Returns the error for a damaged block. */
export function badBlock({ path, offset }: BlockPlace, problem: string, cause?: unknown): DataLossError {
  return new DataLossError(`${path}: ${problem} (block at offset ${offset})`, { path, offset, cause });
}
