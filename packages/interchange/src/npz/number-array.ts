import { type DType, dtypeInfo, sliceShape, type Tensor, type TensorSlice, tensorBytes } from "@tfsaver/core";
import type { NpyArray } from "@tfsaver/core/npy";
import { transposed } from "@tfsaver/core/slices";
import { type ByteReader, type PieceOptions, piecesOf, type ReadRange, slicePiecesIn } from "../source/pieces.js";

/** An array of numbers, which may be stored in Fortran's order, or in big-endian. Its pieces are neither. */
export class NumberArray {
  /** True if the array is stored as its transpose, which is what Fortran's order is. */
  readonly #isTransposed: boolean;

  constructor(
    private readonly array: NpyArray,
    private readonly dtype: DType,
  ) {
    this.#isTransposed = array.fortranOrder && array.shape.length > 1;
  }

  /** Yields the pieces of the whole array. */
  pieces(open: () => Promise<ByteReader>, options: PieceOptions): AsyncGenerator<Tensor> {
    const { dtype } = this;
    const { shape } = this.array;
    const stored = { dtype, shape: this.#storedOrder(shape) };
    const read = async function* ({ signal, pieceBytes }: PieceOptions) {
      yield* piecesOf(stored, await open(), { signal, pieceBytes });
    };
    return this.#inOrder(shape, read, options);
  }

  /** Yields the pieces of a slice, of which little else is read. */
  slicePieces(slice: TensorSlice, readRange: ReadRange, options: PieceOptions): AsyncGenerator<Tensor> {
    const { dtype } = this;
    const { shape } = this.array;
    const stored = { dtype, shape: this.#storedOrder(shape) };
    const storedSlice = this.#storedOrder(slice);
    const read = ({ signal, pieceBytes }: PieceOptions) =>
      slicePiecesIn(stored, storedSlice, readRange, { signal, pieceBytes });
    return this.#inOrder(sliceShape(shape, slice), read, options);
  }

  #storedOrder<T>(items: readonly T[]): readonly T[] {
    return this.#isTransposed ? items.toReversed() : items;
  }

  async *#inOrder(
    shape: readonly number[],
    read: (options: PieceOptions) => AsyncIterable<Tensor>,
    options: PieceOptions,
  ): AsyncGenerator<Tensor> {
    const { dtype } = this;
    const { bigEndian } = this.array;
    const littleEndian = async function* (others: PieceOptions) {
      for await (const piece of read(others)) {
        if (bigEndian) reverseUnits(tensorBytes(piece), dtypeInfo(dtype).swapUnit);
        yield piece;
      }
    };
    if (this.#isTransposed) yield* transposed({ dtype, shape }, littleEndian, options);
    else yield* littleEndian(options);
  }
}

function reverseUnits(bytes: Uint8Array, unit: number): void {
  for (let at = 0; at < bytes.length; at += unit) bytes.subarray(at, at + unit).reverse();
}
