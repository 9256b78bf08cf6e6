import { varintLength, writeVarint } from "@tfsaver/core/coding";
import { commonPrefixLength } from "./key-order.js";

const INITIAL_CAPACITY = 4096;

/** Builds the contents of one block. Keys must be added in ascending order. */
export class BlockBuilder {
  #bytes = new Uint8Array(INITIAL_CAPACITY);
  #size = 0;
  #restarts = [0];
  #sinceRestart = 0;
  #lastKey: Uint8Array = new Uint8Array();

  /** @param restartInterval - number of entries after which a key is stored whole again */
  constructor(private readonly restartInterval: number) {}

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Size in bytes of the block that {@link finish} would return now. */
  get estimatedSize(): number {
    return this.#size + 4 * this.#restarts.length + 4;
  }

  /** Adds an entry and returns the offset of its value in the block. */
  add(key: Uint8Array, value: Uint8Array): number {
    let shared = 0;
    if (this.#sinceRestart < this.restartInterval) shared = commonPrefixLength(this.#lastKey, key);
    else {
      this.#restarts.push(this.#size);
      this.#sinceRestart = 0;
    }
    const unshared = key.length - shared;
    this.#reserve(varintLength(shared) + varintLength(unshared) + varintLength(value.length) + unshared + value.length);
    const bytes = this.#bytes;
    let at = writeVarint(bytes, this.#size, shared);
    at = writeVarint(bytes, at, unshared);
    at = writeVarint(bytes, at, value.length);
    bytes.set(shared === 0 ? key : key.subarray(shared), at);
    const valueOffset = at + unshared;
    bytes.set(value, valueOffset);
    this.#size = valueOffset + value.length;
    this.#lastKey = key;
    this.#sinceRestart++;
    return valueOffset;
  }

  /** Returns the contents of the block and starts an empty one. */
  finish(): Uint8Array {
    const contents = new Uint8Array(this.estimatedSize);
    contents.set(this.#bytes.subarray(0, this.#size));
    const view = new DataView(contents.buffer, this.#size);
    for (const [i, restart] of this.#restarts.entries()) view.setUint32(i * 4, restart, true);
    view.setUint32(this.#restarts.length * 4, this.#restarts.length, true);
    this.#size = 0;
    this.#restarts = [0];
    this.#sinceRestart = 0;
    this.#lastKey = new Uint8Array();
    return contents;
  }

  #reserve(more: number): void {
    if (this.#size + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#size + more));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}
