import type { CheckpointReader, TensorInfo } from "@tfsaver/checkpoint-reader";
import { type OperationOptions, type Shape, sliceShape, type TensorSlice, throwIfAborted } from "@tfsaver/core";

/** A tensor, or a stored slice of one, that is written on its own. */
export interface Piece {
  readonly info: TensorInfo;
  /** Undefined for a whole tensor. */
  readonly slice: TensorSlice | undefined;
  /** Shape of the piece. */
  readonly shape: Shape;
  /** Size in bytes. For a slice, an estimate. */
  readonly size: number;
}

/** Returns the pieces of a checkpoint in the order of names: one for a tensor, or one for each of its slices. */
export async function piecesOf(reader: CheckpointReader, options: OperationOptions): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const info of reader.tensors(options)) {
    const { shape, slices, size } = info;
    if (slices.length === 0) pieces.push({ info, slice: undefined, shape, size });
    for (const slice of slices) {
      pieces.push({ info, slice, shape: sliceShape(shape, slice), size: size / slices.length });
    }
  }
  return pieces;
}

/** Splits the pieces, in their order, into `count` groups of about the same size. No group is empty. */
export function spreadEvenly(pieces: readonly Piece[], count: number): Piece[][] {
  const total = totalSize(pieces);
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

/** Reports the progress of all pieces together. */
export class PieceProgress {
  /** Options for each step: the signal, but not the listener, which wants the progress of the whole. */
  readonly options: OperationOptions;
  readonly #total: number;
  #done = 0;

  constructor(
    pieces: readonly Piece[],
    private readonly outer: OperationOptions,
  ) {
    this.options = { signal: outer.signal };
    this.#total = totalSize(pieces);
  }

  /** Reports that a piece is written. Throws `CancelledError` if the signal is aborted. */
  add(tensor: string, size: number): void {
    throwIfAborted(this.options.signal);
    this.#done += size;
    this.outer.onProgress?.({ done: this.#done, total: this.#total, tensor });
  }
}

function totalSize(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { size }) => sum + size, 0);
}
