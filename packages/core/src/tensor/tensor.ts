import { InvalidArgumentError, ResourceExhaustedError, UnimplementedError } from "../errors.js";
import { type DType, dtypeInfo, isNumeric } from "./dtype.js";
import { formatShape, numElements, type Shape } from "./shape.js";

/** Elements of a numeric tensor. {@link Tensor.data} lists which array goes with which dtype. */
export type NumericData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** Elements of a tensor: a typed array, or for `string` and `variant` one byte string per element. */
export type TensorData = NumericData | readonly Uint8Array[];

/**
 * A tensor in memory: a plain, frozen record. Any object of this form is a tensor.
 *
 * Tensors are values. Do not write to the data of a tensor that you were given: a variable may own the same memory.
 */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: Shape;
  /**
   * The elements in row-major order, little-endian.
   *
   * | dtype | array |
   * | --- | --- |
   * | `float32`, `float64`, `int8` … `int64`, `uint8` … `uint64` | the typed array of that name (64-bit integers: `BigInt64Array`, `BigUint64Array`) |
   * | `qint8`, `quint8`, `qint16`, `quint16`, `qint32` | the array of the plain integer |
   * | `bool` | `Uint8Array` of 0 and 1 |
   * | `float16`, `bfloat16` | `Uint16Array` of the raw bits |
   * | `float8_*` | `Uint8Array` of the raw bits |
   * | `int4`, `uint4`, `int2`, `uint2`, `float4_e2m1fn` | `Uint8Array`, one element per byte: the raw bits in the low bits, zero above |
   * | `complex64`, `complex128` | `Float32Array`, `Float64Array`: real and imaginary parts alternate |
   * | `string`, `variant` | `Uint8Array[]`, one byte string per element |
   */
  readonly data: TensorData;
}

type NumericArrayConstructor = {
  new (length: number): NumericData;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumericData;
  readonly BYTES_PER_ELEMENT: number;
};

const ARRAYS: Partial<Record<DType, NumericArrayConstructor>> = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  complex64: Float32Array,
  complex128: Float64Array,
  qint8: Int8Array,
  qint16: Int16Array,
  qint32: Int32Array,
  quint16: Uint16Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
};

function arrayFor(dtype: DType): NumericArrayConstructor {
  if (dtypeInfo(dtype).size === 0) {
    throw new UnimplementedError(`Tensors of dtype ${dtype} have no numeric data`);
  }
  return ARRAYS[dtype] ?? Uint8Array;
}

/**
 * Makes a tensor from `data`, without a copy.
 *
 * @throws {@link InvalidArgumentError} if the array type or the length of `data` does not match dtype and shape.
 * @example
 * ```ts
 * import { makeTensor } from "@tfsaver/core";
 *
 * const bias = makeTensor("float32", [2, 2], Float32Array.of(1, 2, 3, 4));
 * ```
 */
export function makeTensor(dtype: DType, shape: Shape, data: TensorData): Tensor {
  requireData(dtype, shape, data);
  return Object.freeze({ dtype, shape: Object.isFrozen(shape) ? shape : Object.freeze(shape.slice()), data });
}

/**
 * Checks that data has the array type of the dtype and the length of the shape.
 *
 * @throws {@link InvalidArgumentError} if it has not.
 */
export function requireData(dtype: DType, shape: Shape, data: unknown): void {
  const { size, lanes } = dtypeInfo(dtype);
  const wanted = size === 0 ? Array : arrayFor(dtype);
  if (!(data instanceof (wanted as unknown as new () => TensorData))) {
    const kind = size === 0 ? "array of Uint8Array" : wanted.name;
    throw new InvalidArgumentError(`Dtype ${dtype} takes ${article(kind)} ${kind}, not ${kindOf(data)}`);
  }
  const count = numElements(shape) * lanes;
  if (data.length === count) return;
  throw new InvalidArgumentError(
    `Dtype ${dtype} with shape ${formatShape(shape)} takes ${count} values, not ${data.length}`,
  );
}

function article(noun: string): string {
  return /^[aeio]/i.test(noun) ? "an" : "a";
}

/** Describes a value in a message: `a Float32Array`, `undefined`. */
export function kindOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const name = value.constructor?.name ?? "Object";
  return `${article(name)} ${name}`;
}

/**
 * Makes a numeric tensor from a copy of `bytes`, which are little-endian.
 *
 * @throws {@link InvalidArgumentError} if their number does not match dtype and shape.
 */
export function tensorFromBytes(dtype: DType, shape: Shape, bytes: Uint8Array): Tensor {
  const array = arrayFor(dtype);
  const { BYTES_PER_ELEMENT: width } = array;
  const isAligned = bytes.byteOffset % width === 0;
  // A slice of a typed array is cheap if it is short: the engine keeps it on its heap, without an ArrayBuffer.
  const data = isAligned ? viewOf(array, bytes).slice() : viewOf(array, bytes.slice());
  return makeTensor(dtype, shape, data);
}

function viewOf(array: NumericArrayConstructor, { buffer, byteOffset, length }: Uint8Array): NumericData {
  return new array(buffer, byteOffset, Math.floor(length / array.BYTES_PER_ELEMENT));
}

/**
 * Makes a numeric tensor of zeros. The caller may fill its memory before passing the tensor on.
 *
 * @param allocate - returns memory of a number of bytes, with any content. Default: new memory
 * @throws {@link ResourceExhaustedError} if there is not enough memory.
 */
export function allocateTensor(
  dtype: DType,
  shape: Shape,
  allocate?: (bytes: number) => ArrayBuffer,
): Tensor & { readonly data: NumericData } {
  const length = numElements(shape) * dtypeInfo(dtype).lanes;
  const bytes = byteLength(dtype, shape);
  const data = allocating(bytes, () => {
    const array = allocate ? new (arrayFor(dtype))(allocate(bytes), 0, length) : new (arrayFor(dtype))(length);
    // Node.js 20 makes an array of more than 4 GiB, but none of its bytes.
    if (array.byteLength >= 2 ** 32) new Uint8Array(array.buffer);
    return array;
  });
  return makeTensor(dtype, shape, data) as Tensor & { readonly data: NumericData };
}

/** Size in bytes of an element of a JavaScript array. */
const POINTER_SIZE = 8;

/**
 * Makes a tensor of zeros, or of empty strings.
 *
 * @throws {@link ResourceExhaustedError} if there is not enough memory.
 */
export function zeroTensor(dtype: DType, shape: Shape): Tensor {
  if (isNumeric(dtype)) return allocateTensor(dtype, shape);
  const count = numElements(shape);
  const strings = allocating(count * POINTER_SIZE, () => new Array<Uint8Array>(count));
  return makeTensor(dtype, shape, strings.fill(new Uint8Array()));
}

/**
 * Allocates `size` bytes of zeros.
 *
 * @throws {@link ResourceExhaustedError} if there is not enough memory.
 */
export function allocateBytes(size: number): Uint8Array {
  return allocating(size, () => new Uint8Array(size));
}

/** Turns the engine's RangeError, which may have any cause, into an error of its own kind. */
function allocating<T>(size: number, allocate: () => T): T {
  try {
    return allocate();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ResourceExhaustedError(`Not enough memory for ${size} bytes at once`, { cause });
  }
}

/** Returns the size in bytes of a numeric tensor of this dtype and shape. */
export function byteLength(dtype: DType, shape: Shape): number {
  return numElements(shape) * dtypeInfo(dtype).size;
}

/**
 * Returns the memory of a numeric tensor as little-endian bytes: a view, not a copy.
 *
 * @throws {@link ResourceExhaustedError} if no array can be as long: in Node.js 20, above 4 GiB.
 * @throws {@link UnimplementedError} for dtypes whose elements have no fixed size.
 */
export function tensorBytes(tensor: Tensor): Uint8Array {
  const { data } = tensor;
  if (!ArrayBuffer.isView(data)) throw new UnimplementedError(`A ${tensor.dtype} tensor has no bytes of fixed size`);
  return allocating(data.byteLength, () => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/**
 * Returns the byte strings of a `string` or `variant` tensor.
 *
 * @throws {@link InvalidArgumentError} for other dtypes.
 */
export function tensorStrings(tensor: Tensor): readonly Uint8Array[] {
  if (ArrayBuffer.isView(tensor.data)) {
    throw new InvalidArgumentError(`A ${tensor.dtype} tensor does not hold strings`);
  }
  return tensor.data;
}
