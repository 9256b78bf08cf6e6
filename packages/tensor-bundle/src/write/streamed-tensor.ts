import {
  type DType,
  InvalidArgumentError,
  makeTensor,
  numElements,
  requireTensor,
  type Shape,
  type ShapeAndSlice,
  type Tensor,
  tensorBytes,
  tensorStrings,
} from "@tfsaver/core";

/** A tensor, or a part of one, whose values come in pieces. */
export interface StreamedTensor {
  readonly dtype: DType;
  /** Shape of the values; for a part, that of the slice. */
  readonly shape: Shape;
  /** Shape of the whole tensor, and the slice. Default: the whole tensor. */
  readonly part?: ShapeAndSlice | undefined;
}

/** The pieces of a tensor: smaller tensors of any shapes, whose elements follow each other in row-major order. */
export type TensorPieces = Iterable<Tensor> | AsyncIterable<Tensor>;

/**
 * Yields the pieces of a tensor and checks them.
 *
 * @throws `InvalidArgumentError` if a piece is no valid tensor or has another dtype, or they have more or fewer elements than the
 * tensor.
 */
async function* checked(name: string, { dtype, shape }: StreamedTensor, pieces: TensorPieces): AsyncGenerator<Tensor> {
  const context = { tensor: name };
  const expected = numElements(shape);
  let count = 0;
  for await (const piece of pieces) {
    requireTensor(piece, `A piece of tensor ${name}`, context);
    if (piece.dtype !== dtype) {
      throw new InvalidArgumentError(`A piece of tensor ${name} has dtype ${piece.dtype}; expected ${dtype}`, context);
    }
    count += numElements(piece.shape);
    if (count > expected) break;
    yield piece;
  }
  if (count === expected) return;
  const found = count > expected ? "more" : String(count);
  throw new InvalidArgumentError(`The pieces of tensor ${name} have ${found} elements; expected ${expected}`, context);
}

/** Yields the bytes of a numeric tensor as its pieces come. */
export async function* bytesOfPieces(
  name: string,
  tensor: StreamedTensor,
  pieces: TensorPieces,
): AsyncGenerator<Uint8Array> {
  for await (const piece of checked(name, tensor, pieces)) yield tensorBytes(piece);
}

/** Returns a tensor of strings or variants, whose lengths are stored before their bytes, so that all must have come. */
export async function joinedPieces(name: string, tensor: StreamedTensor, pieces: TensorPieces): Promise<Tensor> {
  const strings: Uint8Array[] = [];
  for await (const piece of checked(name, tensor, pieces)) {
    for (const string of tensorStrings(piece)) strings.push(string);
  }
  return makeTensor(tensor.dtype, tensor.shape, strings);
}
