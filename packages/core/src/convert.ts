import { type DType, dtypeInfo } from "./dtype.js";
import { InvalidArgumentError, UnimplementedError } from "./errors.js";
import type { Shape } from "./shape.js";
import { allocateTensor, makeTensor, type NumericData, type Tensor, type TensorData } from "./tensor.js";

/** A JavaScript value that stands for one tensor element. Text stands for its UTF-8 bytes. */
export type TensorScalar = number | bigint | boolean | string | Uint8Array;

/** Anything {@link toTensor} understands: a tensor, typed array, one value, or values in nested arrays. */
export type TensorLike = Tensor | NumericData | TensorScalar | readonly NestedValues[];
/** Values in nested arrays; all arrays of one level must have the same length. */
export type NestedValues = TensorScalar | readonly NestedValues[];

const utf8 = new TextEncoder();

/** Whether a value has the form of a {@link Tensor}. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "dtype" in value && "shape" in value && "data" in value;
}

/**
 * Makes a tensor of ordinary JavaScript values.
 *
 * Without `dtype`, numbers become `float32`, bigints `int64`, booleans `bool`, text and byte strings `string`, and
 * typed arrays the dtype of their name (a bare `Uint8Array` is one byte *string*; pass `dtype: "uint8"` for numbers).
 * With `dtype`, values are converted; `float16` and `bfloat16` are rounded to nearest even.
 *
 * @throws {@link InvalidArgumentError} if nested arrays are ragged, a value is of the wrong kind for the dtype (text for
 * a number, a fraction for an integer) or beyond an integer type's range, or `shape` does not hold the values.
 */
export function toTensor(value: TensorLike, dtype?: DType, shape?: Shape): Tensor {
  if (isTensor(value)) {
    if (dtype !== undefined && dtype !== value.dtype) {
      throw new InvalidArgumentError(`Expected a ${dtype} tensor but got one of ${value.dtype}`);
    }
    return shape === undefined ? value : makeTensor(value.dtype, shape, value.data);
  }
  if (ArrayBuffer.isView(value) && !(value instanceof Uint8Array && dtype !== "uint8")) {
    return fromTypedArray(value, dtype, shape);
  }
  const found: number[] = [];
  const values: TensorScalar[] = [];
  flatten(value as NestedValues, 0, found, values);
  const as = dtype ?? inferDtype(values);
  return makeTensor(as, shape ?? found, convertValues(values, as));
}

function fromTypedArray(value: NumericData, dtype: DType | undefined, shape: Shape | undefined): Tensor {
  const as = dtype ?? (value.constructor.name.replace(/^Big|Array$/g, "").toLowerCase() as DType);
  const lanes = dtypeInfo(as).lanes;
  const dims = shape ?? [value.length / lanes];
  const own = allocateTensor(as, []).data.constructor;
  if (own === value.constructor) return makeTensor(as, dims, value);
  return makeTensor(as, dims, convertValues(Array.from<number | bigint>(value), as));
}

function flatten(value: NestedValues, depth: number, shape: number[], out: TensorScalar[]): void {
  if (!Array.isArray(value)) {
    if (depth !== shape.length) throw new InvalidArgumentError("Nested arrays differ in depth");
    out.push(value as TensorScalar);
    return;
  }
  if (out.length === 0 && shape.length === depth) shape.push(value.length);
  else if (shape[depth] !== value.length) throw new InvalidArgumentError("Nested arrays of one level differ in length");
  for (const item of value) flatten(item, depth + 1, shape, out);
}

function inferDtype(values: readonly TensorScalar[]): DType {
  switch (typeof values[0]) {
    case "bigint":
      return "int64";
    case "boolean":
      return "bool";
    case "string":
    case "object":
      return "string";
    default:
      return "float32";
  }
}

function convertValues(values: readonly TensorScalar[], dtype: DType): TensorData {
  const { size, lanes } = dtypeInfo(dtype);
  if (dtype === "string") return values.map(toBytes);
  if (size === 0) throw new UnimplementedError(`Cannot make a ${dtype} tensor of JavaScript values`);
  const { data } = allocateTensor(dtype, [Math.ceil(values.length / lanes)]);
  const store = data as { [index: number]: number | bigint };
  const convert = converterFor(dtype, data);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as TensorScalar;
    if (typeof value === "string" || typeof value === "object") {
      throw new InvalidArgumentError(`Cannot use ${typeof value === "string" ? "text" : "bytes"} as ${dtype}`);
    }
    store[i] = convert(value);
  }
  return data;
}

function toBytes(value: TensorScalar): Uint8Array {
  if (typeof value === "string") return utf8.encode(value);
  if (value instanceof Uint8Array) return value;
  throw new InvalidArgumentError(`Cannot use the ${typeof value} ${String(value)} as a string element`);
}

function converterFor(dtype: DType, data: NumericData): (value: number | bigint | boolean) => number | bigint {
  const fitting = (value: number | bigint | boolean, kept: number | bigint) => {
    // What does not fit has wrapped around or lost its fraction, so it is far enough off for this comparison.
    if (Number(kept) !== Number(value))
      throw new InvalidArgumentError(`Cannot use ${value} as ${dtype}: it does not fit`);
    return kept;
  };
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const wrap = data instanceof BigInt64Array ? BigInt.asIntN : BigInt.asUintN;
    return (value) => {
      if (typeof value === "number" && !Number.isInteger(value)) {
        throw new InvalidArgumentError(`Cannot use ${value} as ${dtype}: it is not an integer`);
      }
      return fitting(value, wrap(64, BigInt(value)));
    };
  }
  if (dtype === "float16") return (value) => float16Bits(Number(value));
  if (dtype === "bfloat16") return (value) => bfloat16Bits(Number(value));
  if (dtype.startsWith("float8") || dtype.startsWith("float4")) {
    throw new UnimplementedError(`Cannot convert numbers to ${dtype}; hand over a Uint8Array of its bits`);
  }
  const { bits } = dtypeInfo(dtype);
  if (bits < 8) {
    const mask = (1 << bits) - 1;
    const signed = !dtype.startsWith("u");
    return (value) => {
      const low = Number(value) & mask;
      fitting(value, signed && low >> (bits - 1) ? low - mask - 1 : low);
      return low;
    };
  }
  if (dtype === "bool") return (value) => (Number(value) === 0 ? 0 : 1);
  if (data instanceof Float32Array || data instanceof Float64Array) return Number;
  const cell = new (data.constructor as Int32ArrayConstructor)(1);
  return (value) => {
    cell[0] = Number(value);
    return fitting(value, cell[0] as number);
  };
}

const scratch = new DataView(new ArrayBuffer(8));

/** The 16 bits of the bfloat16 nearest to `value` (ties to even); every NaN becomes a quiet one. */
export function bfloat16Bits(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  if (Number.isNaN(value)) return ((bits >>> 16) | 0x0040) & 0xffff;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** The number that 16 bits of bfloat16 stand for. */
export function bfloat16ToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

/** The 16 bits of the IEEE half-precision number nearest to `value` (ties to even). */
export function float16Bits(value: number): number {
  scratch.setFloat64(0, value);
  const sign = (scratch.getUint16(0) >>> 15) << 15;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundHalfEven(magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  const exact = magnitude < 2 ** exponent ? exponent - 1 : exponent;
  // A mantissa that rounds up to 1024 carries into the exponent, which is what the addition does.
  return sign | (((exact + 15) << 10) + roundHalfEven((magnitude / 2 ** exact - 1) * 1024));
}

/** The number that 16 bits of IEEE half precision stand for. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest > 0.5 || (rest === 0.5 && floor % 2 === 1)) return floor + 1;
  return floor;
}
