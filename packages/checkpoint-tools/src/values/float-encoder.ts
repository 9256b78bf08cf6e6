import { bfloat16Bits, type DType, dtypeInfo, float16Bits, tensorFromBytes } from "@tfsaver/core";
import { elementReader } from "./element-reader.js";

/**
 * Returns the function that rounds a number to the nearest value of a floating-point dtype whose arrays hold bits, ties to even,
 * and returns its bits; `undefined` for other dtypes. It gives the bits that TensorFlow and ml_dtypes give: on the way to
 * `bfloat16` and smaller dtypes, numbers are rounded to `float32` first; a number that is too large becomes infinity, in a dtype
 * without infinity NaN, and in one without either the largest value. NaN becomes -0 in a dtype that lacks it.
 */
export function floatEncoder(dtype: DType): ((value: number) => number) | undefined {
  if (dtype === "float16") return float16Bits;
  if (dtype === "bfloat16") return bfloat16Bits;
  if (!/^float[48]/.test(dtype)) return undefined;
  const scale = scaleOf(dtype);
  return (value) => nearest(Math.fround(value), scale);
}

/** The bit patterns of a small float. */
interface Scale {
  /** The finite values from 0 on, in order; their indices are their patterns. */
  readonly values: readonly number[];
  /** The bit of the sign. */
  readonly sign: number;
  /** Larger numbers overflow. This one, half-way to the value that would be next, does if the largest value has an odd pattern. */
  readonly limit: number;
  /** The pattern of what is too large. */
  readonly overflow: number;
  readonly nan: number;
  /** Bit by which the pattern of `overflow` and of zero differ when they are negative: 0 if there is no such pattern. */
  readonly overflowSign: number;
  readonly zeroSign: number;
}

const scales = new Map<DType, Scale>();

function nearest(value: number, { values, sign, limit, overflow, nan, overflowSign, zeroSign }: Scale): number {
  if (Number.isNaN(value)) return nan;
  const isNegative = value < 0 || Object.is(value, -0);
  const magnitude = Math.abs(value);
  const last = values.length - 1;
  if (magnitude > limit || (magnitude === limit && (last & 1) === 1)) {
    return isNegative ? overflow | overflowSign : overflow;
  }
  let [low, high] = [0, last];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((values[middle] as number) <= magnitude) low = middle;
    else high = middle - 1;
  }
  const below = magnitude - (values[low] as number);
  const above = (values[low + 1] ?? Number.POSITIVE_INFINITY) - magnitude;
  const pattern = above < below || (above === below && (low & 1) === 1) ? low + 1 : low;
  return isNegative ? pattern | (pattern === 0 ? zeroSign : sign) : pattern;
}

function scaleOf(dtype: DType): Scale {
  const known = scales.get(dtype);
  if (known !== undefined) return known;
  const sign = 1 << (dtypeInfo(dtype).bits - 1);
  const raw = Uint8Array.from({ length: 2 * sign }, (_, i) => i);
  const elementAt = elementReader(tensorFromBytes(dtype, [raw.length], raw));
  const all = Array.from(raw, (pattern) => elementAt(pattern) as number);
  const values = all.slice(0, sign).filter(Number.isFinite);
  const [before, largest] = values.slice(-2) as [number, number];
  const infinity = all.indexOf(Number.POSITIVE_INFINITY);
  // Of several, the quiet one without more bits is in the middle. The sign of a NaN is not kept.
  const nans = [...all.keys()].filter((pattern) => pattern < sign && Number.isNaN(all[pattern]));
  const nan = nans[nans.length >> 1] ?? sign;
  const zeroSign = Object.is(all[sign], -0) ? sign : 0;
  const scale: Scale = {
    values,
    sign,
    limit: largest + (largest - before) / 2,
    overflow: infinity >= 0 ? infinity : all.some(Number.isNaN) ? nan : values.length - 1,
    nan,
    // Of NaN, the one pattern of dtypes without -0 has the sign already.
    overflowSign: zeroSign,
    zeroSign,
  };
  scales.set(dtype, scale);
  return scale;
}
