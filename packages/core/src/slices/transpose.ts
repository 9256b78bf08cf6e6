import { PIECE_BYTES } from "../coding/chunk-size.js";
import { dtypeInfo } from "../tensor/dtype.js";
import { numElements, type Shape } from "../tensor/shape.js";
import { allocateTensor, makeTensor, type NumericData, type Tensor } from "../tensor/tensor.js";
import { fullSlice, sliceShape } from "../tensor/tensor-slice.js";
import { cutSlice } from "./cut-slice.js";
import type { StreamOptions } from "./read-options.js";

/** Bytes of a transposed tensor that are made in one pass over the original (64 MiB). */
const WINDOW_BYTES = 64 << 20;

/**
 * Yields the pieces of a numeric tensor with its dimensions in reverse order. Reads the original once for each 64 MiB, so that a
 * tensor of any size needs no more memory than that.
 *
 * @param info - dtype and shape after the transposition
 * @param read - reads the original from its start
 */
export async function* transposed(
  { dtype, shape }: Pick<Tensor, "dtype" | "shape">,
  read: (options: Pick<StreamOptions, "signal">) => AsyncIterable<Tensor>,
  { signal, pieceBytes = PIECE_BYTES }: Pick<StreamOptions, "signal" | "pieceBytes">,
): AsyncGenerator<Tensor> {
  const { size } = dtypeInfo(dtype);
  const windowElements = Math.floor(WINDOW_BYTES / size);
  let shapes: Shape[] = [];
  let [start, length] = [0, 0];
  for (const part of cutSlice(shape, fullSlice(shape.length), Math.max(1, Math.floor(pieceBytes / size)))) {
    const piece = sliceShape(shape, part);
    if (length > 0 && length + numElements(piece) > windowElements) {
      yield* piecesOfWindow(await readWindow({ start, length }), shapes);
      start += length;
      [shapes, length] = [[], 0];
    }
    shapes.push(piece);
    length += numElements(piece);
  }
  if (length > 0) yield* piecesOfWindow(await readWindow({ start, length }), shapes);

  async function readWindow(window: Window): Promise<Tensor> {
    const target = allocateTensor(dtype, [window.length]);
    const places = new Places(shape);
    for await (const piece of read({ signal })) places.copy(unitsOf(piece), unitsOf(target), window);
    return target;
  }
}

interface Units {
  readonly units: Uint8Array | Uint16Array | Uint32Array;
  readonly perElement: number;
}

/** Views the elements of a tensor as integers of at most 4 bytes: copied as floats, some bits of NaN would change. */
function unitsOf({ dtype, data }: Tensor): Units {
  const { buffer, byteOffset, byteLength } = data as NumericData;
  const { size } = dtypeInfo(dtype);
  if (size === 1) return { units: new Uint8Array(buffer, byteOffset, byteLength), perElement: 1 };
  if (size === 2) return { units: new Uint16Array(buffer, byteOffset, byteLength / 2), perElement: 1 };
  return { units: new Uint32Array(buffer, byteOffset, byteLength / 4), perElement: size / 4 };
}

/** A range of the elements of the result, in row-major order. */
interface Window {
  readonly start: number;
  readonly length: number;
}

function* piecesOfWindow({ dtype, data }: Tensor, shapes: readonly Shape[]): Generator<Tensor> {
  const { lanes } = dtypeInfo(dtype);
  let at = 0;
  for (const shape of shapes) {
    const end = at + numElements(shape) * lanes;
    yield makeTensor(dtype, shape, (data as NumericData).subarray(at, end));
    at = end;
  }
}

/** Walks over the elements of the original in row-major order, and knows the place of each in the result. */
class Places {
  /** Shape of the original, and how far apart its neighbors are in the result. */
  readonly #shape: number[] = [];
  readonly #strides: number[] = [];
  readonly #index: number[];

  /** @param shape - that of the result */
  constructor(shape: Shape) {
    let stride = 1;
    for (let d = shape.length - 1; d >= 0; d--) {
      this.#shape.push(shape[d] as number);
      this.#strides.push(stride);
      stride *= shape[d] as number;
    }
    this.#index = this.#shape.map(() => 0);
  }

  /** Copies those of the next elements that belong into a window of the result. */
  copy({ units: source, perElement }: Units, { units: target }: Units, { start, length }: Window): void {
    const elements = source.length / perElement;
    const last = this.#shape.length - 1;
    const [size, stride] = [this.#shape[last] as number, this.#strides[last] as number];
    for (let at = 0; at < elements; ) {
      const from = this.#index[last] as number;
      const count = Math.min(size - from, elements - at);
      const base = this.#index.reduce((sum, i, d) => sum + i * (this.#strides[d] as number), 0) - start;
      const first = Math.max(0, Math.ceil(-base / stride));
      const end = Math.min(count, Math.ceil((length - base) / stride));
      for (let k = first; k < end; k++) {
        for (let unit = 0; unit < perElement; unit++) {
          target[(base + k * stride) * perElement + unit] = source[(at + k) * perElement + unit] as number;
        }
      }
      at += count;
      this.#advance(count);
    }
  }

  #advance(count: number): void {
    const index = this.#index;
    let d = index.length - 1;
    index[d] = (index[d] as number) + count;
    while (d > 0 && index[d] === this.#shape[d]) {
      index[d] = 0;
      d--;
      index[d] = (index[d] as number) + 1;
    }
  }
}
