const BLOCK = 64 << 10;

/**
 * Many short runs of bytes in few pieces of memory, because each piece of its own costs more than its bytes. Each run is
 * written between {@link Arena.open} and {@link Arena.close}.
 */
export class Arena {
  #block = new Uint8Array();
  #used = 0;

  /** @param blockSize - bytes of each piece of memory */
  constructor(private readonly blockSize = BLOCK) {}

  /** Where in the memory that {@link Arena.open} gave the run starts. */
  get start(): number {
    return this.#used;
  }

  /** Memory for a run of at most `most` bytes, from {@link Arena.start} on. */
  open(most: number): Uint8Array {
    if (this.#used + most > this.#block.length) {
      this.#block = new Uint8Array(Math.max(most, this.blockSize));
      this.#used = 0;
    }
    return this.#block;
  }

  /** The run that was written, up to `end` in that memory. */
  close(end: number): Uint8Array {
    const start = this.#used;
    this.#used = end;
    return this.#block.subarray(start, end);
  }
}
