import { type DType, dtypeInfo, isNumeric } from "./dtype.js";
import { InvalidArgumentError, ResourceExhaustedError, UnimplementedError } from "./errors.js";
import { packedStringsOf, packedTensor, packStrings } from "./packed-strings.js";
import { formatShape, numElements, type Shape } from "./shape.js";

/** Elements of a numeric tensor. Which array goes with which type: see {@link Tensor.data}. */
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

/** Elements of a tensor: a typed array, or for `string` (and `variant`) one byte string per element. */
export type TensorData = NumericData | readonly Uint8Array[];

/**
 * A tensor in this process's memory. A plain, frozen record: anything of this form will do.
 *
 * Tensors are values: whoever gets one must not write to its data, because a variable may own the same memory.
 */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: Shape;
  /**
   * Elements in row-major order, little-endian.
   *
   * | dtype | array |
   * | --- | --- |
   * | `float32`, `float64`, `int8` … `int64`, `uint8` … `uint64` | the typed array of that name (64-bit integers: `BigInt64Array`, `BigUint64Array`) |
   * | `qint8`, `quint8`, `qint16`, `quint16`, `qint32` | the array of the plain integer |
   * | `bool` | `Uint8Array` of 0 and 1 |
   * | `float16`, `bfloat16` | `Uint16Array` of the raw bits |
   * | `float8_*` | `Uint8Array` of the raw bits |
   * | `int4`, `uint4`, `int2`, `uint2`, `float4_e2m1fn` | `Uint8Array`, one element a byte, the raw bits low and the rest zero |
   * | `complex64`, `complex128` | `Float32Array`, `Float64Array`: real and imaginary parts in turn |
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
 * Makes a tensor of `data` without copying it.
 *
 * @throws {@link InvalidArgumentError} if the data is of the wrong array type or length for dtype and shape.
 */
export function makeTensor(dtype: DType, shape: Shape, data: TensorData): Tensor {
  const { size, lanes } = dtypeInfo(dtype);
  const count = numElements(shape);
  if (size === 0) {
    if (!Array.isArray(data)) {
      throw new InvalidArgumentError(`A ${dtype} tensor takes an array of Uint8Array, not ${data.constructor.name}`);
    }
  } else {
    const wanted = arrayFor(dtype);
    if (!(data instanceof (wanted as unknown as new () => NumericData))) {
      throw new InvalidArgumentError(`A ${dtype} tensor takes a ${wanted.name}, not ${data.constructor.name}`);
    }
  }
  if (data.length !== count * lanes) {
    throw new InvalidArgumentError(
      `A ${dtype} tensor of shape ${formatShape(shape)} takes ${count * lanes} values, not ${data.length}`,
    );
  }
  return Object.freeze({ dtype, shape: Object.isFrozen(shape) ? shape : Object.freeze(shape.slice()), data });
}

/**
 * A numeric tensor with a copy of these bytes, little-endian.
 *
 * @throws {@link InvalidArgumentError} if there are not as many as dtype and shape take.
 */
export function tensorFromBytes(dtype: DType, shape: Shape, bytes: Uint8Array): Tensor {
  const array = arrayFor(dtype);
  const { BYTES_PER_ELEMENT: width } = array;
  const isAligned = bytes.byteOffset % width === 0;
  // A slice of a view has, for a short tensor, no buffer of its own, which would cost more than all the rest.
  const data = isAligned ? viewOf(array, bytes).slice() : viewOf(array, bytes.slice());
  return makeTensor(dtype, shape, data);
}

function viewOf(array: NumericArrayConstructor, { buffer, byteOffset, length }: Uint8Array): NumericData {
  return new array(buffer, byteOffset, Math.floor(length / array.BYTES_PER_ELEMENT));
}

/**
 * A numeric tensor of zeros, whose memory the caller may fill before handing the tensor on.
 *
 * @throws {@link ResourceExhaustedError} if there is not enough memory.
 */
export function allocateTensor(dtype: DType, shape: Shape): Tensor & { readonly data: NumericData } {
  const length = numElements(shape) * dtypeInfo(dtype).lanes;
  const data = allocating(length, () => new (arrayFor(dtype))(length));
  return makeTensor(dtype, shape, data) as Tensor & { readonly data: NumericData };
}

/**
 * A tensor of zeros, or of empty strings.
 *
 * @throws {@link ResourceExhaustedError} if there is not enough memory.
 */
export function zeroTensor(dtype: DType, shape: Shape): Tensor {
  if (isNumeric(dtype)) return allocateTensor(dtype, shape);
  const count = numElements(shape);
  return makeTensor(dtype, shape, allocating(count, () => new Array<Uint8Array>(count)).fill(new Uint8Array()));
}

/**
 * Memory for `size` bytes.
 *
 * @throws {@link ResourceExhaustedError} if there is not so much.
 */
export function allocateBytes(size: number): Uint8Array {
  return allocating(size, () => new Uint8Array(size));
}

/** JavaScript's own error would not be told from one of many mistakes. */
function allocating<T>(size: number, allocate: () => T): T {
  try {
    return allocate();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ResourceExhaustedError(`There is no memory for an array of ${size} elements`, { cause });
  }
}

/** Number of bytes that the elements of a numeric dtype take at this shape. */
export function byteLength(dtype: DType, shape: Shape): number {
  return numElements(shape) * dtypeInfo(dtype).size;
}

/** Bytes of a tensor's elements; of strings, of what is in them. */
export function contentSize(tensor: Tensor): number {
  if (isNumeric(tensor.dtype)) return (tensor.data as NumericData).byteLength;
  const packed = packedStringsOf(tensor);
  if (packed !== undefined) return packed.bytes.length;
  return tensorStrings(tensor).reduce((sum, element) => sum + element.length, 0);
}

/**
 * The memory of a numeric tensor as bytes, little-endian: a view, not a copy.
 *
 * @throws {@link UnimplementedError} for dtypes whose elements have no fixed size.
 */
export function tensorBytes(tensor: Tensor): Uint8Array {
  const { data } = tensor;
  if (!ArrayBuffer.isView(data)) throw new UnimplementedError(`A ${tensor.dtype} tensor is not one run of bytes`);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Whether two runs of bytes are the same. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The byte strings of a `string` (or `variant`) tensor. */
export function tensorStrings(tensor: Tensor): readonly Uint8Array[] {
  if (ArrayBuffer.isView(tensor.data)) {
    throw new InvalidArgumentError(`A ${tensor.dtype} tensor does not hold strings`);
  }
  return tensor.data;
}

/** A tensor with memory of its own and the same content. */
export function copyTensor(tensor: Tensor): Tensor {
  const { dtype, shape } = tensor;
  const strings = packedStringsOf(tensor);
  if (strings !== undefined) return packedTensor(dtype, shape, { ...strings, bytes: strings.bytes.slice() });
  const { data } = tensor;
  return ArrayBuffer.isView(data)
    ? makeTensor(dtype, shape, data.slice())
    : packedTensor(dtype, shape, packStrings(data));
}

/** The same elements under another shape of the same number of elements; shares memory. */
export function reshapeTensor(tensor: Tensor, shape: Shape): Tensor {
  const strings = packedStringsOf(tensor);
  return strings === undefined
    ? makeTensor(tensor.dtype, shape, tensor.data)
    : packedTensor(tensor.dtype, shape, strings);
}
