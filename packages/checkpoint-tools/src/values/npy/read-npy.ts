import {
  DataLossError,
  dtypeInfo,
  makeTensor,
  numElements,
  type Shape,
  type Tensor,
  tensorFromBytes,
} from "@tfsaver/core";
import { PIECE_BYTES } from "@tfsaver/core/coding";
import { type NpyArray, parseNpyHeader } from "@tfsaver/core/npy";
import { type CallOptions, closing, type ReadableFile, type Storage } from "@tfsaver/storage";

/** First bytes of a NumPy file that are read: its header is not longer. */
const HEAD_BYTES = 1 << 16;

/**
 * Reads the header of a NumPy file (`.npy`).
 *
 * @throws `NotFoundError`; `DataLossError` if it is no such file, or its length does not fit; `UnimplementedError` for elements that
 * no tensor has, such as dates and text.
 */
export async function readNpyHeader(storage: Storage, path: string, options: CallOptions): Promise<NpyArray> {
  const file = await storage.open(path, options);
  return closing(file, async () => {
    const array = parseNpyHeader(await readBytes(file, 0, Math.min(HEAD_BYTES, file.size), options), path);
    const expected = array.start + numElements(array.shape) * array.itemBytes;
    if (file.size === expected) return array;
    throw new DataLossError(`${path} has ${file.size} bytes, but its header says ${expected}: copy it again`, { path });
  });
}

/**
 * Reads the elements of a NumPy file in row-major order, in pieces. Those of an array in Fortran's order, and strings, come in one
 * piece.
 *
 * @throws the storage's errors.
 */
export async function* readNpyPieces(
  storage: Storage,
  path: string,
  array: NpyArray & Pick<Tensor, "dtype">,
  options: CallOptions,
): AsyncGenerator<Tensor> {
  const { dtype, shape, itemBytes, start } = array;
  const count = numElements(shape);
  const isFortran = array.fortranOrder && shape.length > 1;
  const step = isFortran || dtype === "string" ? count : Math.max(1, Math.floor(PIECE_BYTES / itemBytes));
  const file = await storage.open(path, options);
  try {
    for (let at = 0; at < count; at += step) {
      const length = Math.min(step, count - at);
      const bytes = await readBytes(file, start + at * itemBytes, length * itemBytes, options);
      const inOrder = isFortran ? toRowMajor(bytes, shape, itemBytes) : bytes;
      if (dtype === "string") yield stringsOf(inOrder, array);
      else {
        if (array.bigEndian) swap(inOrder, dtypeInfo(dtype).swapUnit);
        yield tensorFromBytes(dtype, [length], inOrder);
      }
    }
  } finally {
    await file.close();
  }
}

async function readBytes(
  file: ReadableFile,
  offset: number,
  length: number,
  options: CallOptions,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  await file.readInto(offset, [bytes], options);
  return bytes;
}

function swap(bytes: Uint8Array, unit: number): void {
  for (let at = 0; at < bytes.length; at += unit) bytes.subarray(at, at + unit).reverse();
}

/** Splits the bytes of strings of equal size, which NumPy pads with zeros. */
function stringsOf(bytes: Uint8Array, { shape, itemBytes }: NpyArray): Tensor {
  const strings: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += itemBytes) {
    const item = bytes.subarray(at, at + itemBytes);
    strings.push(item.slice(0, item.findLastIndex((byte) => byte !== 0) + 1));
  }
  return makeTensor("string", shape, strings);
}

/** Reorders elements whose first index varies fastest. */
function toRowMajor(bytes: Uint8Array, shape: Shape, itemBytes: number): Uint8Array {
  const strides: number[] = [];
  let stride = itemBytes;
  for (const dim of shape) {
    strides.push(stride);
    stride *= dim;
  }
  const result = new Uint8Array(bytes.length);
  const index = shape.map(() => 0);
  let from = 0;
  for (let at = 0; at < bytes.length; at += itemBytes) {
    result.set(bytes.subarray(from, from + itemBytes), at);
    for (let d = shape.length - 1; d >= 0; d--) {
      from += strides[d] as number;
      index[d] = (index[d] as number) + 1;
      if ((index[d] as number) < (shape[d] as number)) break;
      from -= (strides[d] as number) * (shape[d] as number);
      index[d] = 0;
    }
  }
  return result;
}
