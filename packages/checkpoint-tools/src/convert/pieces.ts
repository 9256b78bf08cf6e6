import type { CheckpointFormat, TensorInfo, TensorSource } from "@tfsaver/checkpoint-reader";
import {
  byteLength,
  dtypeInfo,
  fullSlice,
  isNumeric,
  numElements,
  type OperationOptions,
  type Shape,
  sliceShape,
  type TensorSlice,
} from "@tfsaver/core";
import { cutSlice } from "@tfsaver/core/slices";
import { maxSliceElements } from "@tfsaver/saved-tensor-slices";

/** A tensor, or a stored slice of one, that is written on its own. */
export interface Piece {
  readonly info: TensorInfo;
  /** Undefined for a whole tensor. */
  readonly slice: TensorSlice | undefined;
  /** Shape of the piece. */
  readonly shape: Shape;
  /** Size in bytes. For a slice of strings, an estimate. */
  readonly size: number;
  /** The larger piece that is read at once, if this one was cut from it to fit into a slice of V1. */
  readonly cutFrom?: Source | undefined;
}

/** A tensor or a stored slice, as it is read. */
export interface Source {
  readonly slice: TensorSlice | undefined;
  /** Size in bytes of the pieces that it is cut into. */
  readonly pieceBytes: number;
}

/**
 * Returns the pieces of a checkpoint in the order of names: one for a tensor, or one for each of its slices. What is too large for
 * a slice of V1 is cut along its first dimension, or where that is not enough along the next ones.
 *
 * @param format - the format to write
 */
export async function piecesOf(
  source: TensorSource,
  format: CheckpointFormat,
  options: OperationOptions,
): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const info of source.tensors(options)) {
    const slices = info.slices.length === 0 ? [undefined] : info.slices;
    for (const slice of slices) {
      const piece = pieceOf(info, slice, info.size / slices.length);
      if (format === "V1") for (const part of cutForV1(piece)) pieces.push(part);
      else pieces.push(piece);
    }
  }
  return pieces;
}

function pieceOf(info: TensorInfo, slice: TensorSlice | undefined, estimate: number, cutFrom?: Source): Piece {
  const { dtype, shape } = info;
  const own = slice === undefined ? shape : sliceShape(shape, slice);
  return { info, slice, shape: own, size: isNumeric(dtype) ? byteLength(dtype, own) : estimate, cutFrom };
}

/** Size in bytes of the slices that a tensor is cut into (1 MiB). Each is in memory several times while it is written. */
const CUT_BYTES = 1 << 20;

function* cutForV1(piece: Piece): Generator<Piece> {
  const { info, slice, shape } = piece;
  const { name, dtype } = info;
  if (!isNumeric(dtype) || numElements(shape) <= maxSliceElements(name, dtype)) {
    yield piece;
    return;
  }
  const cutFrom = { slice, pieceBytes: CUT_BYTES };
  const wanted = slice ?? fullSlice(shape.length);
  for (const part of cutSlice(info.shape, wanted, Math.floor(CUT_BYTES / dtypeInfo(dtype).size))) {
    yield pieceOf(info, part, 0, cutFrom);
  }
}

/** Splits the pieces, in their order, into `count` groups of about the same size. No group is empty. */
export function spreadEvenly(pieces: readonly Piece[], count: number): Piece[][] {
  const total = pieces.reduce((sum, { size }) => sum + size, 0);
  const groups: Piece[][] = Array.from({ length: count }, () => []);
  let at = 0;
  let before = 0;
  for (const [i, piece] of pieces.entries()) {
    const isFull = before >= (total * (at + 1)) / count;
    const isNeededLater = pieces.length - i <= count - 1 - at;
    if (at < count - 1 && (groups[at] as Piece[]).length > 0 && (isFull || isNeededLater)) at++;
    (groups[at] as Piece[]).push(piece);
    before += piece.size;
  }
  return groups;
}
