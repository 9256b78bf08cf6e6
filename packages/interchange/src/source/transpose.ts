import type { TensorInfo } from "@tfsaver/checkpoint-reader";
import {
  allocateTensor,
  dtypeInfo,
  makeTensor,
  type NumericData,
  numElements,
  type Shape,
  sliceShape,
  type Tensor,
} from "@tfsaver/core";
import { type PieceOptions, partsOf } from "./file-source.js";

/** Bytes of a transposed tensor that are made in one pass over the original (64 MiB). */
const WINDOW_BYTES = 64 << 20;

/**
 * Yields the pieces of a transposed tensor. Reads the original once for each 64 MiB, so that a tensor of any size needs no more
 * memory than that.
 *
 * @param info - dtype and shape after the transposition
 * @param axes - for each dimension of the result, the dimension of the original
 * @param read - reads the original from its start
 */
export async function* transposed(
  { dtype, shape }: Pick<TensorInfo, "dtype" | "shape">,
  axes: readonly number[],
  read: () => AsyncIterable<Tensor>,
  options: PieceOptions,
): AsyncGenerator<Tensor> {
  const windowElements = Math.floor(WINDOW_BYTES / dtypeInfo(dtype).size);
  let shapes: Shape[] = [];
  let [start, length] = [0, 0];
  for (const part of partsOf(dtype, shape, options)) {
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
    const places = new Places(shape, axes);
    for await (const piece of read()) places.copy(unitsOf(piece), unitsOf(target), window);
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

  constructor(shape: Shape, axes: readonly number[]) {
    let stride = 1;
    for (let d = shape.length - 1; d >= 0; d--) {
      this.#shape[axes[d] as number] = shape[d] as number;
      this.#strides[axes[d] as number] = stride;
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
