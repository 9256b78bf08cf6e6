import type { TensorInfo } from "@tfsaver/checkpoint-reader";
import {
  allocateTensor,
  copyOverlap,
  type DType,
  dtypeInfo,
  fullSlice,
  isNumeric,
  overlapRange,
  overlapRuns,
  runAhead,
  type Shape,
  sliceShape,
  type Tensor,
  type TensorSlice,
  tensorBytes,
  tensorPart,
  throwIfAborted,
} from "@tfsaver/core";
import { PIECE_BYTES } from "@tfsaver/core/coding";
import { type ByteRange, cutSlice, neededRanges, SliceFiller, type StreamOptions } from "@tfsaver/core/slices";

/** Options of reading one tensor of a file. */
export type PieceOptions = Pick<StreamOptions, "signal" | "pieceBytes" | "allocate">;

/** Dtype and shape of a tensor. */
type TensorType = Pick<TensorInfo, "dtype" | "shape">;

/** Number of ranges of a slice that are read at the same time. */
const READS_AHEAD = 4;

/** Reads the bytes of a tensor one after another. */
export interface ByteReader {
  /** Fills memory with the next bytes. */
  readonly fill: (target: Uint8Array, options: PieceOptions) => Promise<void>;
  /** Called after the last byte: verifies what there is to verify. */
  readonly end?: () => Promise<void>;
  /** Called at last, also if not all was read. */
  readonly close?: () => Promise<void>;
}

/** Yields the pieces of a numeric tensor. The last one comes only when all of them are verified. */
export async function* piecesOf(
  { dtype, shape }: TensorType,
  { fill, end, close }: ByteReader,
  options: PieceOptions,
): AsyncGenerator<Tensor> {
  try {
    let last: Tensor | undefined;
    for (const part of partsOf(dtype, shape, options)) {
      throwIfAborted(options.signal);
      const piece = allocateTensor(dtype, sliceShape(shape, part), options.allocate);
      await fill(tensorBytes(piece), options);
      if (last !== undefined) yield last;
      last = piece;
    }
    await end?.();
    if (last !== undefined) yield last;
  } finally {
    await close?.();
  }
}

/** Fills memory with the bytes of a tensor from an offset on. */
export type ReadRange = (offset: number, target: Uint8Array, options: PieceOptions) => Promise<void>;

/**
 * Yields the pieces of a slice of a numeric tensor whose bytes lie in a file as they are. Reads only the ranges that hold the slice,
 * and gaps of up to 64 KiB between them.
 */
export async function* slicePiecesIn(
  { dtype, shape }: TensorType,
  slice: TensorSlice,
  read: ReadRange,
  options: PieceOptions,
): AsyncGenerator<Tensor> {
  const stored = fullSlice(shape.length);
  const { size: width } = dtypeInfo(dtype);
  for (const part of partsOf(dtype, shape, options, slice)) {
    throwIfAborted(options.signal);
    const piece = allocateTensor(dtype, sliceShape(shape, part), options.allocate);
    const target = tensorBytes(piece);
    const range = overlapRange(shape, stored, part);
    if (range !== undefined && (range.end - range.start) * width === target.length) {
      await read(range.start * width, target, options);
    } else {
      const filler = new SliceFiller(target, width, overlapRuns(shape, stored, part));
      const readInto = async ({ start, end }: ByteRange) => {
        const bytes = new Uint8Array(end - start);
        await read(start, bytes, options);
        return bytes;
      };
      const ranges = neededRanges(shape, stored, part, width);
      for await (const { item, result } of runAhead(ranges, READS_AHEAD, readInto)) filler.take(item.start, result);
    }
    yield piece;
  }
}

/** Yields the pieces of a slice of a tensor that can only be read whole. The last one comes when all of it is verified. */
export async function* slicePiecesOf(
  { dtype, shape }: TensorType,
  read: (options: PieceOptions) => AsyncIterable<Tensor>,
  slice: TensorSlice,
  { signal, ...options }: PieceOptions,
): AsyncGenerator<Tensor> {
  if (!isNumeric(dtype)) {
    for await (const strings of read({ signal })) yield tensorPart(strings, slice);
    return;
  }
  const parts = partsOf(dtype, shape, options, slice)[Symbol.iterator]();
  let current = nextPart();
  let last: Tensor | undefined;
  const whole = { signal, pieceBytes: PIECE_BYTES };
  const stored = partsOf(dtype, shape, whole)[Symbol.iterator]();
  for await (const tensor of read(whole)) {
    const from = { slice: stored.next().value as TensorSlice, tensor };
    // A piece may hold the end of one part, several whole ones, and the start of the next.
    for (;;) {
      if (current === undefined || overlapRange(shape, from.slice, current.slice) === undefined) break;
      copyOverlap(shape, from, current);
      if (endOf(shape, current.slice) > endOf(shape, from.slice)) break;
      if (last !== undefined) yield last;
      last = current.tensor;
      current = nextPart();
    }
  }
  if (last !== undefined) yield last;

  function nextPart() {
    const { done, value } = parts.next();
    if (done) return undefined;
    return { slice: value, tensor: allocateTensor(dtype, sliceShape(shape, value), options.allocate) };
  }
}

/** Returns the place of the last element of a slice in the whole tensor, plus one. */
function endOf(shape: Shape, slice: TensorSlice): number {
  return overlapRange(shape, fullSlice(shape.length), slice)?.end ?? 0;
}

/** Cuts a tensor, or a slice of it, into the parts that are its pieces. */
export function partsOf(
  dtype: DType,
  shape: Shape,
  { pieceBytes = PIECE_BYTES }: PieceOptions,
  slice = fullSlice(shape.length),
): Iterable<TensorSlice> {
  return cutSlice(shape, slice, Math.max(1, Math.floor(pieceBytes / dtypeInfo(dtype).size)));
}
