import { bfloat16Bits, type DType, dtypeInfo, float16Bits, type Tensor, tensorFromBytes } from "@tfsaver/core";
import { elementReader } from "./element-reader.js";

/** The bit patterns of a small float without a sign, by their values, in order. */
interface Scale {
  readonly values: readonly number[];
  readonly patterns: readonly number[];
  /** The pattern of NaN; undefined if the dtype has none. */
  readonly nan: number | undefined;
  readonly hasNegativeZero: boolean;
}

const scales = new Map<DType, Scale>();

/** True for the dtypes that {@link storeQuotients} takes: real and complex floating-point numbers. */
export function isFloating(dtype: DType): boolean {
  return /^(b?float|complex)/.test(dtype);
}

/**
 * Stores quotients in a floating-point tensor, each rounded to the nearest value that the dtype has, ties to even. On the way to
 * smaller dtypes than `float16`, and `bfloat16`, it is first rounded to `float32`, as TensorFlow and NumPy do.
 *
 * @param start - index of the first one in the tensor
 * @param numbers - the dividends, of which `count` are used; of complex tensors, the real and imaginary parts in turn
 */
export function storeQuotients(
  { dtype, data }: Tensor,
  start: number,
  numbers: Float64Array,
  count: number,
  divisor: number,
): void {
  if (data instanceof Float32Array || data instanceof Float64Array) {
    // A product with an exact reciprocal is the same number, in half of the time.
    const factor = 1 / divisor;
    if (Number.isInteger(Math.log2(divisor))) {
      for (let i = 0; i < count; i++) data[start + i] = (numbers[i] as number) * factor;
    } else for (let i = 0; i < count; i++) data[start + i] = (numbers[i] as number) / divisor;
    return;
  }
  const encode = encoderOf(dtype);
  const target = data as Uint8Array | Uint16Array;
  for (let i = 0; i < count; i++) target[start + i] = encode((numbers[i] as number) / divisor);
}

function encoderOf(dtype: DType): (value: number) => number {
  if (dtype === "float16") return float16Bits;
  if (dtype === "bfloat16") return bfloat16Bits;
  const scale = scaleOf(dtype);
  const sign = signBit(dtype);
  return (value) => nearest(Math.fround(value), scale, sign);
}

function signBit(dtype: DType): number {
  return 1 << (dtypeInfo(dtype).bits - 1);
}

/** Returns the bit pattern of the value nearest to a number. Numbers beyond the largest value become that one. */
function nearest(value: number, { values, patterns, nan, hasNegativeZero }: Scale, sign: number): number {
  if (Number.isNaN(value)) return nan ?? 0;
  const magnitude = Math.abs(value);
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((values[middle] as number) <= magnitude) low = middle;
    else high = middle - 1;
  }
  const below = magnitude - (values[low] as number);
  const above = (values[low + 1] ?? Number.POSITIVE_INFINITY) - magnitude;
  const isUp = above < below || (above === below && ((patterns[low] as number) & 1) === 1);
  const pattern = patterns[isUp ? low + 1 : low] as number;
  const isNegative = value < 0 || Object.is(value, -0);
  return isNegative && (pattern !== 0 || hasNegativeZero) ? pattern | sign : pattern;
}

function scaleOf(dtype: DType): Scale {
  const known = scales.get(dtype);
  if (known !== undefined) return known;
  const half = signBit(dtype);
  const raw = Uint8Array.from({ length: 2 * half }, (_, i) => i);
  const elementAt = elementReader(tensorFromBytes(dtype, [raw.length], raw));
  const all = Array.from(raw, (pattern) => ({ pattern, value: elementAt(pattern) as number }));
  const numbers = all.slice(0, half).filter(({ value }) => !Number.isNaN(value));
  const scale: Scale = {
    values: numbers.map(({ value }) => value),
    patterns: numbers.map(({ pattern }) => pattern),
    nan: all.find(({ value }) => Number.isNaN(value))?.pattern,
    hasNegativeZero: Object.is(all[half]?.value, -0),
  };
  scales.set(dtype, scale);
  return scale;
}
