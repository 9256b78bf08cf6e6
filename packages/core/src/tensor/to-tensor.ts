import { CheckpointError, InvalidArgumentError, UnimplementedError } from "../errors.js";
import { type DType, dtypeInfo } from "./dtype.js";
import { bfloat16Bits, float16Bits } from "./half-floats.js";
import { requireTensor } from "./require-tensor.js";
import type { Shape } from "./shape.js";
import { allocateTensor, makeTensor, type NumericData, type Tensor, type TensorData } from "./tensor.js";
import { reshapeTensor } from "./tensor-content.js";

/** A JavaScript value for one tensor element. Text means its UTF-8 bytes. */
export type TensorScalar = number | bigint | boolean | string | Uint8Array;

/** A value that {@link toTensor} accepts: a tensor, a typed array, one element, or elements in nested arrays. */
export type TensorLike = Tensor | NumericData | TensorScalar | readonly NestedValues[];
/** Elements in nested arrays. All arrays of one level must have the same length. */
export type NestedValues = TensorScalar | readonly NestedValues[];

const utf8 = new TextEncoder();

/** True if a value has the form of a {@link Tensor}. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "dtype" in value && "shape" in value && "data" in value;
}

/**
 * Makes a tensor from JavaScript values.
 *
 * Without `dtype`, numbers become `float32`, bigints `int64`, booleans `bool`, text and byte strings `string`. A typed
 * array gets the dtype of its name, except `Uint8Array`, which is one byte string: pass `"uint8"` for numbers. With
 * `dtype`, values are converted; `float16` and `bfloat16` round to nearest, ties to even.
 *
 * @param what - what the value is, for messages: `Variable weights`
 * @throws {@link InvalidArgumentError} if a tensor is not valid (see `requireTensor`), nested arrays are ragged, a value is of the wrong kind for the dtype (text for
 * a number, a fraction for an integer) or outside an integer type's range, or `shape` has another number of elements.
 * @example
 * ```ts
 * import { toTensor } from "@tfsaver/core";
 *
 * const kernel = toTensor([[1, 2], [3, 4]]); // float32, shape [2, 2]
 * const step = toTensor(7n); // int64, a scalar
 * const labels = toTensor(["cat", "dog"]); // string, shape [2]
 * const half = toTensor([0.1, 0.2], "float16");
 * ```
 */
export function toTensor(value: TensorLike, dtype?: DType, shape?: Shape, what?: string): Tensor {
  if (what === undefined) return convert(value, dtype, shape);
  try {
    return convert(value, dtype, shape);
  } catch (cause) {
    if (!(cause instanceof CheckpointError)) throw cause;
    throw new InvalidArgumentError(`${what}: ${cause.message}`, { cause });
  }
}

function convert(value: TensorLike, dtype?: DType, shape?: Shape): Tensor {
  if (isTensor(value)) {
    requireTensor(value, "The tensor");
    if (dtype !== undefined && dtype !== value.dtype) {
      throw new InvalidArgumentError(`Expected a tensor of dtype ${dtype} but got ${value.dtype}`);
    }
    return shape === undefined ? value : reshapeTensor(value, shape);
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
  if (size === 0) throw new UnimplementedError(`Cannot make a ${dtype} tensor from JavaScript values`);
  const { data } = allocateTensor(dtype, [Math.ceil(values.length / lanes)]);
  const store = data as { [index: number]: number | bigint };
  const convert = converterFor(dtype, data);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as TensorScalar;
    if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean") {
      throw new InvalidArgumentError(`Cannot use ${kindOf(value)} as ${dtype}`);
    }
    store[i] = convert(value);
  }
  return data;
}

/** Names the kind of a value that is no number. JavaScript lets any through. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "string") return "text";
  return value instanceof Uint8Array ? "bytes" : `the ${typeof value} ${String(value)}`;
}

function toBytes(value: TensorScalar): Uint8Array {
  if (typeof value === "string") return utf8.encode(value);
  if (value instanceof Uint8Array) return value;
  throw new InvalidArgumentError(`Cannot use the ${typeof value} ${String(value)} as a string element`);
}

function converterFor(dtype: DType, data: NumericData): (value: number | bigint | boolean) => number | bigint {
  const fitting = (value: number | bigint | boolean, kept: number | bigint) => {
    // A value that does not fit has wrapped around or lost its fraction, so it differs even after rounding to a double.
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
    throw new UnimplementedError(`Cannot convert numbers to ${dtype}; pass a Uint8Array of its bits`);
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
