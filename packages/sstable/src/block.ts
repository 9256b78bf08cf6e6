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

const MIN_SIZE = 4;
const NO_KEY = new Uint8Array();
/** Keys that share their beginnings lie together in pieces of memory of so many bytes. */
const KEYS_TOGETHER = 4 << 10;

/**
 * A block's keys take at most this many times its size, because each stands whole again after so many entries. More,
 * which only a made-up block claims, would let a small file fill any memory.
 */
const MAX_KEY_EXPANSION = RESTART_INTERVAL;

/** Reads the entries of one block's contents (uncompressed, checksum already verified). */
export class Block {
  readonly #contents: Uint8Array;
  readonly #restarts: DataView;
  readonly #restartCount: number;
  /** Where entries end and the restart offsets begin. */
  readonly #entriesEnd: number;

  /**
   * @param contents - the block without its trailer
   * @param where - names the block in errors
   * @param keys - what its keys must be, so that none is listed that could not be found
   * @throws `DataLossError` `bad block contents` if the restart offsets do not fit.
   */
  constructor(
    contents: Uint8Array,
    private readonly where: { readonly path: string; readonly offset: number },
    private readonly keys?: KeyRange,
  ) {
    const view = new DataView(contents.buffer, contents.byteOffset, contents.length);
    if (contents.length < MIN_SIZE) throw this.#error("bad block contents: too short");
    this.#restartCount = view.getUint32(contents.length - 4, true);
    this.#entriesEnd = contents.length - 4 - this.#restartCount * 4;
    if (this.#entriesEnd < 0) throw this.#error("bad block contents: more restarts than fit");
    this.#contents = contents;
    this.#restarts = view;
  }

  /** All entries in order. */
  entries(): Iterable<TableEntry> {
    return this.#restartCount > 0 ? this.#from(0) : [];
  }

  /** The entries in order, from the first whose key is not before `key`. */
  *seek(key: Uint8Array): Generator<TableEntry> {
    if (this.#restartCount === 0) return;
    let found = false;
    for (const entry of this.#from(this.#restartBefore(key))) {
      found ||= compareBytes(entry.key, key) >= 0;
      if (found) yield entry;
    }
  }

  /** Offset of the last restart whose key is before `key`, or of the first one. */
  #restartBefore(key: Uint8Array): number {
    let low = 0;
    let high = this.#restartCount - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const { value: entry } = this.#from(this.#restart(middle)).next();
      if (entry !== undefined && compareBytes(entry.key, key) < 0) low = middle;
      else high = middle - 1;
    }
    return this.#restart(low);
  }

  #restart(index: number): number {
    const offset = this.#restarts.getUint32(this.#entriesEnd + index * 4, true);
    if (offset > this.#entriesEnd) throw this.#error("bad entry in block: a restart lies outside the entries");
    return offset;
  }

  *#from(start: number): Generator<TableEntry> {
    const contents = this.#contents;
    const { offset } = this.where;
    const mostKeyBytes = contents.length * MAX_KEY_EXPANSION;
    let keyBytes = 0;
    const reader = new VarintReader(contents, start, this.#entriesEnd);
    const keys = new Arena(KEYS_TOGETHER);
    let key: Uint8Array | undefined;
    while (reader.offset < this.#entriesEnd) {
      let shared: number;
      let unshared: number;
      let valueLength: number;
      try {
        shared = reader.next();
        unshared = reader.next();
        valueLength = reader.next();
      } catch (cause) {
        throw this.#error("bad entry in block: its lengths are cut off", cause);
      }
      const keyStart = reader.offset;
      const known = key ?? NO_KEY;
      if (shared > known.length || keyStart + unshared + valueLength > this.#entriesEnd) {
        throw this.#error("bad entry in block: an entry overruns the block");
      }
      keyBytes += shared + unshared;
      if (keyBytes > mostKeyBytes) throw this.#error("bad entry in block: its keys are too long for its size");
      const valueStart = keyStart + unshared;
      const next: Uint8Array =
        shared === 0
          ? contents.subarray(keyStart, valueStart)
          : keys.take(shared + unshared, (block, offset) =>
              copyBytes(contents, block, copyBytes(known, block, offset, 0, shared), keyStart, valueStart),
            );
      // Within a block keys come in order; its first and last one show how it lies between the others.
      if (key !== undefined) this.#require(compareBytes(key, next, shared) < 0, "is not after the one before");
      else if (start === 0) this.#requireAfter(next);
      key = next;
      reader.offset = valueStart + valueLength;
      if (reader.offset === this.#entriesEnd) this.#requireUpTo(key);
      yield { key, value: contents.subarray(valueStart, reader.offset), offset };
    }
  }

  #requireAfter(key: Uint8Array): void {
    const after = this.keys?.after;
    this.#require(after === undefined || compareBytes(after, key) < 0, "is not after the block before");
  }

  #requireUpTo(key: Uint8Array): void {
    const upTo = this.keys?.upTo;
    this.#require(upTo === undefined || compareBytes(key, upTo) <= 0, "is after the last that the index promises");
  }

  #require(inOrder: boolean, problem: string): void {
    if (!inOrder) throw this.#error(`bad entry in block: its key ${problem}`);
  }

  #error(problem: string, cause?: unknown): DataLossError {
    const { path, offset } = this.where;
    return new DataLossError(`${path}: ${problem} (block at offset ${offset})`, { path, offset, cause });
  }
}
