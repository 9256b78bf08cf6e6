const BLOCK_BYTES = 64 << 10;

/**
 * Keeps many short byte strings in few large blocks of memory, because a buffer of its own costs more than a short string.
 * Each string is written between {@link Arena.open} and {@link Arena.close}.
 */
export class Arena {
  #block = new Uint8Array();
  #used = 0;

  /** @param blockSize - size of a block in bytes; default: 64 KiB */
  constructor(private readonly blockSize = BLOCK_BYTES) {}

  /** Offset in the block that {@link Arena.open} returned at which the string starts. */
  get start(): number {
    return this.#used;
  }

  /** Returns a block with room for `most` bytes from {@link Arena.start} on. */
  open(most: number): Uint8Array {
    if (this.#used + most > this.#block.length) {
      this.#block = new Uint8Array(Math.max(most, this.blockSize));
      this.#used = 0;
    }
    return this.#block;
  }

  /** Returns the string that was written, which ends at offset `end` of the block. */
  close(end: number): Uint8Array {
    const start = this.#used;
    this.#used = end;
    return this.#block.subarray(start, end);
  }
}
