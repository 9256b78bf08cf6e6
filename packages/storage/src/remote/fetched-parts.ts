/** Bytes of a file that were fetched. */
interface Part {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** Keeps parts of a remote file in memory: those from which later reads are likely to be served. */
export class FetchedParts {
  /** Sorted by their start. */
  #parts: readonly Part[] = [];

  /** Keeps the bytes from `start` on, in place of parts that lie within them. Concurrent reads may each fetch the same bytes. */
  add(start: number, bytes: Uint8Array): void {
    const end = start + bytes.length;
    const others = this.#parts.filter((part) => part.start < start || part.start + part.bytes.length > end);
    this.#parts = [...others, { start, bytes }].sort((a, b) => a.start - b.start);
  }

  /** Forgets all parts. */
  clear(): void {
    this.#parts = [];
  }

  /** Returns the first offset from `offset` on that is not in memory. */
  firstMissing(offset: number): number {
    let at = offset;
    for (const { start, bytes } of this.#parts) {
      if (start <= at && at < start + bytes.length) at = start + bytes.length;
    }
    return at;
  }

  /** Fills the targets, one after another, with the bytes from `offset` on, as far as they are in memory. */
  copy(offset: number, targets: readonly Uint8Array[]): void {
    let at = offset;
    for (const target of targets) {
      for (const { start, bytes } of this.#parts) {
        const from = Math.max(at, start);
        const to = Math.min(at + target.length, start + bytes.length);
        if (from < to) target.set(bytes.subarray(from - start, to - start), from - at);
      }
      at += target.length;
    }
  }
}
