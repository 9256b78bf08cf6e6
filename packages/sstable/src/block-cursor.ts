import { DataLossError } from "@tfsaver/core";
import { Arena, copyBytes, VarintReader } from "@tfsaver/core/coding";
import { compareBytes } from "./bytes.js";
import { RESTART_INTERVAL } from "./format.js";

/** One key and its value. */
export interface TableEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** Where the block that holds it starts in the file. */
  readonly offset: number;
}

/** What the index says of the keys of a block. */
export interface KeyRange {
  /** Every key comes after this one. */
  readonly after: Uint8Array | undefined;
  /** No key comes after this one. */
  readonly upTo: Uint8Array;
}

/** Which block it is, for errors. */
export interface BlockPlace {
  readonly path: string;
  readonly offset: number;
}

/** The entries of a block as they are stored. */
export interface StoredEntries {
  /** The block without its trailer. */
  readonly contents: Uint8Array;
  /** Where entries end and the restart offsets begin. */
  readonly end: number;
  readonly where: BlockPlace;
  /** What the keys must be, so that none is listed that could not be found. */
  readonly keys?: KeyRange | undefined;
}

const NO_KEY = new Uint8Array();
/** Keys that share their beginnings lie together in pieces of memory of so many bytes. */
const KEYS_TOGETHER = 4 << 10;

/**
 * A block's keys take at most this many times its size, because each stands whole again after so many entries. More,
 * which only a made-up block claims, would let a small file fill any memory.
 */
const MAX_KEY_EXPANSION = RESTART_INTERVAL;

/** Walks through the entries of a block. Not a generator, which would take longer than reading them. */
export class BlockCursor {
  readonly #reader: VarintReader;
  readonly #keys = new Arena(KEYS_TOGETHER);
  #lastKey: Uint8Array | undefined;
  #keyBytes = 0;

  /** @param start - where an entry starts whose key stands whole */
  constructor(
    private readonly entries: StoredEntries,
    private readonly start: number,
  ) {
    this.#reader = new VarintReader(entries.contents, start, entries.end);
  }

  /**
   * The next entry, or `undefined` at the end.
   *
   * @throws `DataLossError` `bad entry in block` if it is damaged.
   */
  next(): TableEntry | undefined {
    const { contents, end, where } = this.entries;
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
      throw badEntry(where, "its lengths are cut off", cause);
    }
    const keyStart = reader.offset;
    const valueStart = keyStart + unshared;
    const valueEnd = valueStart + valueLength;
    const before = this.#lastKey ?? NO_KEY;
    if (shared > before.length || valueEnd > end) throw badEntry(where, "an entry overruns the block");
    this.#keyBytes += shared + unshared;
    if (this.#keyBytes > contents.length * MAX_KEY_EXPANSION) {
      throw badEntry(where, "its keys are too long for its size");
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

  /** Within a block keys come in order; its first and last one show how it lies between the others. */
  #requireOrder(key: Uint8Array, shared: number): void {
    const { end, where, keys } = this.entries;
    if (this.#lastKey !== undefined) {
      if (compareBytes(this.#lastKey, key, shared) >= 0) throw badEntry(where, "its key is not after the one before");
    } else if (this.start === 0 && keys?.after !== undefined && compareBytes(keys.after, key) >= 0) {
      throw badEntry(where, "its key is not after the block before");
    }
    if (this.#reader.offset === end && keys !== undefined && compareBytes(key, keys.upTo) > 0) {
      throw badEntry(where, "its key is after the last that the index promises");
    }
  }
}

function badEntry(where: BlockPlace, problem: string, cause?: unknown): DataLossError {
  return badBlock(where, `bad entry in block: ${problem}`, cause);
}

/** The error that says what is wrong with a block. */
export function badBlock({ path, offset }: BlockPlace, problem: string, cause?: unknown): DataLossError {
  return new DataLossError(`${path}: ${problem} (block at offset ${offset})`, { path, offset, cause });
}
