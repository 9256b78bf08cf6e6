import { copyBytes } from "@tfsaver/core/coding";

/** Size in bytes of the largest chunk that is copied. Copying it costs less than passing it on separately. */
const MAX_COPIED = 4 << 10;
/** Size in bytes of the blocks of memory for copies. */
const BLOCK_BYTES = 256 << 10;

/** Turns many chunks into fewer with the same bytes: copies short chunks together and passes long ones on as they are. */
export class ChunkCoalescer {
  /** Free memory of the current block. What was passed on must not change, so the memory after it is used next. */
  #room = new Uint8Array();
  #filled = 0;

  /** @param emit - receives the chunks, in order */
  constructor(private readonly emit: (chunk: Uint8Array) => void) {}

  add(chunk: Uint8Array): void {
    const { length } = chunk;
    if (length > MAX_COPIED) {
      this.flush();
      this.emit(chunk);
      return;
    }
    if (this.#filled + length > this.#room.length) {
      this.flush();
      if (length > this.#room.length) this.#room = new Uint8Array(BLOCK_BYTES);
    }
    this.#filled = copyBytes(chunk, this.#room, this.#filled);
  }

  /** Passes on the chunks that were copied so far. */
  flush(): void {
    if (this.#filled === 0) return;
    this.emit(this.#room.subarray(0, this.#filled));
    this.#room = this.#room.subarray(this.#filled);
    this.#filled = 0;
  }
}

/** Yields the same bytes in fewer chunks. */
export function* coalesceChunks(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const coalescer = new ChunkCoalescer((chunk) => ready.push(chunk));
  for (const chunk of chunks) {
    coalescer.add(chunk);
    if (ready.length > 0) yield* ready.splice(0);
  }
  coalescer.flush();
  yield* ready;
}
