const BLOCK = 64 << 10;

/** Many short runs of bytes in few pieces of memory, because each piece of its own costs more than its bytes. */
export class Arena {
  #block = new Uint8Array();
  #used = 0;

  /** @param blockSize - bytes of each piece of memory */
  constructor(private readonly blockSize = BLOCK) {}

  /**
   * A run of bytes.
   *
   * @param most - it is not longer than this
   * @param fill - writes it to a block from an offset on, and gives the offset behind it
   */
  take(most: number, fill: (block: Uint8Array, offset: number) => number): Uint8Array {
    if (this.#used + most > this.#block.length) {
      this.#block = new Uint8Array(Math.max(most, this.blockSize));
      this.#used = 0;
    }
    const start = this.#used;
    this.#used = fill(this.#block, start);
    return this.#block.subarray(start, this.#used);
  }
}
