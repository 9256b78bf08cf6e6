import { overlapRuns, type Shape, type TensorSlice } from "@tfsaver/core";
import { PIECE_BYTES } from "@tfsaver/core/coding";

/** A range of the stored bytes of an entry. */
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
