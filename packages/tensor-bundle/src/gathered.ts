import { copyBytes } from "@tfsaver/core/coding";

/** Chunks up to this size are cheaper to copy than to hand on one by one. */
const MAX_COPIED = 4 << 10;
const BLOCK = 256 << 10;

/** Makes fewer chunks of many, with the same bytes: short ones are copied together, long ones stay as they are. */
export class Gatherer {
  /** Where copies go: what is handed on must stay as it is, so the room behind it is used next. */
  #room = new Uint8Array();
  #filled = 0;

  /** @param handOn - takes the chunks, in order */
  constructor(private readonly handOn: (chunk: Uint8Array) => void) {}

  add(chunk: Uint8Array): void {
    const { length } = chunk;
    if (length > MAX_COPIED) {
      this.flush();
      this.handOn(chunk);
      return;
    }
    if (this.#filled + length > this.#room.length) {
      this.flush();
      if (length > this.#room.length) this.#room = new Uint8Array(BLOCK);
    }
    this.#filled = copyBytes(chunk, this.#room, this.#filled);
  }

  /** Hands on what waits for more. */
  flush(): void {
    if (this.#filled === 0) return;
    this.handOn(this.#room.subarray(0, this.#filled));
    this.#room = this.#room.subarray(this.#filled);
    this.#filled = 0;
  }
}

/** The same bytes in fewer chunks, one after the other. */
export function* gathered(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const gatherer = new Gatherer((chunk) => ready.push(chunk));
  for (const chunk of chunks) {
    gatherer.add(chunk);
    if (ready.length > 0) yield* ready.splice(0);
  }
  gatherer.flush();
  yield* ready;
}
