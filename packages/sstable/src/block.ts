import { DataLossError } from "@tfsaver/core";
import { VarintReader } from "@tfsaver/core/coding";
import {
  BlockCursor,
  type BlockPlace,
  badBlock,
  type KeyRange,
  type StoredEntries,
  type TableEntry,
} from "./block-cursor.js";
import { RESTART_INTERVAL } from "./format.js";
import { compareBytes } from "./key-order.js";

const MIN_SIZE = 4;
/** Maximum number of entries that a lookup passes. Writers store a key whole after {@link RESTART_INTERVAL} entries. */
const MAX_STEPS = 4 * RESTART_INTERVAL;

/** Gives access to the entries of one block, which is uncompressed and whose checksum was verified. */
export class Block {
  readonly #entries: StoredEntries;
  readonly #restarts: DataView;
  readonly #restartCount: number;

  /**
   * @param contents - the block without its trailer
   * @param where - names the block in errors
   * @param storedSize - size in bytes of the contents as they are stored, which may be compressed
   * @param keys - range to check keys against
   * @throws `DataLossError` (`bad block contents`) if the restart offsets do not fit into the block.
   */
  constructor(contents: Uint8Array, where: BlockPlace, storedSize: number, keys?: KeyRange) {
    const view = new DataView(contents.buffer, contents.byteOffset, contents.length);
    if (contents.length < MIN_SIZE) throw badBlock(where, "bad block contents: too short");
    this.#restartCount = view.getUint32(contents.length - 4, true);
    const end = contents.length - 4 - this.#restartCount * 4;
    if (end < 0) throw badBlock(where, "bad block contents: more restarts than fit");
    this.#entries = { contents, end, where, storedSize, keys };
    this.#restarts = view;
  }

  /** Size in bytes, uncompressed. */
  get size(): number {
    return this.#entries.contents.length;
  }

  /** True if there is one entry, or none. */
  get hasOneEntry(): boolean {
    const cursor = this.cursor();
    cursor.next();
    return cursor.isAtEnd;
  }

  /** Returns a cursor over all entries, in order. */
  cursor(): BlockCursor {
    const { end } = this.#entries;
    return new BlockCursor(this.#entries, this.#restartCount > 0 ? 0 : end);
  }

  /**
   * Calls `visit` with the place of each value, in order. Makes no object for an entry, and does not check keys.
   *
   * @throws `DataLossError` (`bad entry in block`) if an entry is truncated.
   */
  forEachValue(visit: (contents: Uint8Array, start: number, end: number, keyLength: number) => void): void {
    const { contents, end, where } = this.#entries;
    const reader = new VarintReader(contents, 0, end);
    try {
      while (this.#restartCount > 0 && reader.offset < end) {
        const shared = reader.next();
        const unshared = reader.next();
        const valueLength = reader.next();
        const start = reader.offset + unshared;
        reader.offset = start + valueLength;
        if (reader.offset > end) throw new DataLossError("an entry overruns the block");
        visit(contents, start, reader.offset, shared + unshared);
      }
    } catch (cause) {
      if (!(cause instanceof DataLossError)) throw cause;
      throw badBlock(where, `bad entry in block: ${cause.message}`, cause);
    }
  }

  /** Yields all entries in order. */
  *entries(): Generator<TableEntry> {
    const cursor = this.cursor();
    for (let entry = cursor.next(); entry !== undefined; entry = cursor.next()) yield entry;
  }

  /**
   * Returns the first entry whose key is not before `key`.
   *
   * @throws `DataLossError` if the block is damaged, or so few keys are stored whole that lookups would take too long.
   */
  seek(key: Uint8Array): TableEntry | undefined {
    if (this.#restartCount === 0) return undefined;
    const cursor = new BlockCursor(this.#entries, this.#restartBefore(key));
    let entry = cursor.next();
    for (let steps = 1; entry !== undefined && compareBytes(entry.key, key) < 0; steps++) {
      if (steps > MAX_STEPS) throw badBlock(this.#entries.where, "bad block contents: too few restarts");
      entry = cursor.next();
    }
    return entry;
  }

  /** Returns the offset of the last restart whose key is before `key`, or of the first restart. */
  #restartBefore(key: Uint8Array): number {
    let low = 0;
    let high = this.#restartCount - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const entry = new BlockCursor(this.#entries, this.#restart(middle)).next();
      if (entry !== undefined && compareBytes(entry.key, key) < 0) low = middle;
      else high = middle - 1;
    }
    return this.#restart(low);
  }

  #restart(index: number): number {
    const { end, where } = this.#entries;
    const offset = this.#restarts.getUint32(end + index * 4, true);
    if (offset > end) throw badBlock(where, "bad entry in block: a restart offset is outside the entries");
    return offset;
  }
}
