import { DataLossError } from "@tfsaver/core";
import { VarintReader } from "@tfsaver/core/coding";
import { compareBytes } from "./bytes.js";

/** One key and its value. */
export interface TableEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

const MIN_SIZE = 4;

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
   * @throws `DataLossError` `bad block contents` if the restart offsets do not fit.
   */
  constructor(
    contents: Uint8Array,
    private readonly where: { readonly path: string; readonly offset: number },
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
  *entries(): Generator<TableEntry> {
    if (this.#restartCount > 0) yield* this.#from(0);
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
    const reader = new VarintReader(contents, start, this.#entriesEnd);
    let key: Uint8Array = new Uint8Array();
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
      if (shared > key.length || keyStart + unshared + valueLength > this.#entriesEnd) {
        throw this.#error("bad entry in block: an entry overruns the block");
      }
      const next = new Uint8Array(shared + unshared);
      next.set(key.subarray(0, shared));
      next.set(contents.subarray(keyStart, keyStart + unshared), shared);
      key = next;
      const valueStart = keyStart + unshared;
      reader.offset = valueStart + valueLength;
      yield { key, value: contents.subarray(valueStart, reader.offset) };
    }
  }

  #error(problem: string, cause?: unknown): DataLossError {
    const { path, offset } = this.where;
    return new DataLossError(`${path}: ${problem} (block at offset ${offset})`, { path, offset, cause });
  }
}
