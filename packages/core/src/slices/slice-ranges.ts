import { PIECE_BYTES } from "../coding/chunk-size.js";
import { overlapRuns, type SliceRun } from "../tensor/copy-overlap.js";
import type { Shape } from "../tensor/shape.js";
import type { TensorSlice } from "../tensor/tensor-slice.js";

/** A range of the stored bytes of a slice. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Largest gap in bytes between two ranges that is read too. Over a network, that is much cheaper than another request. */
const MAX_GAP = 64 << 10;

/**
 * Yields the ranges of a stored slice that hold what it shares with `wanted`, in order. Near ones are joined; none is longer
 * than a chunk.
 *
 * @param width - bytes per element
 */
export function* neededRanges(
  shape: Shape,
  stored: TensorSlice,
  wanted: TensorSlice,
  width: number,
): Generator<ByteRange> {
  let range: ByteRange | undefined;
  for (const { from, length } of overlapRuns(shape, stored, wanted)) {
    const next = { start: from * width, end: (from + length) * width };
    if (range !== undefined && next.start <= range.end + MAX_GAP) range = { start: range.start, end: next.end };
    else {
      if (range !== undefined) yield* inChunks(range);
      range = next;
    }
    // What is complete need not wait, however many ranges follow.
    if (range.end - range.start >= PIECE_BYTES) {
      yield* inChunks(range);
      range = undefined;
    }
  }
  if (range !== undefined) yield* inChunks(range);
}

/** Yields the chunks of a range, in order. */
export function* inChunks({ start, end }: ByteRange, chunkBytes = PIECE_BYTES): Generator<ByteRange> {
  for (let at = start; at < end; at += chunkBytes) yield { start: at, end: Math.min(at + chunkBytes, end) };
}

/** Copies the bytes that a stored slice shares with another slice, range by range. */
export class SliceFiller {
  #run: SliceRun | undefined;

  /**
   * @param target - memory of the other slice
   * @param width - bytes per element
   * @param runs - what both share, as `overlapRuns` yields it
   */
  constructor(
    private readonly target: Uint8Array,
    private readonly width: number,
    private readonly runs: Iterator<SliceRun>,
  ) {
    this.#next();
  }

  /** Takes the bytes from `start` on. Ranges must come in order. */
  take(start: number, bytes: Uint8Array): void {
    const { width } = this;
    const end = start + bytes.length;
    while (this.#run !== undefined && this.#run.from * width < end) {
      const { from, to, length } = this.#run;
      const first = Math.max(from * width, start);
      const last = Math.min((from + length) * width, end);
      this.target.set(bytes.subarray(first - start, last - start), to * width + first - from * width);
      if (last < (from + length) * width) return;
      this.#next();
    }
  }

  #next(): void {
    const { done, value } = this.runs.next();
    this.#run = done ? undefined : value;
  }
}
