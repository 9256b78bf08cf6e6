import {
  bfloat16ToNumber,
  type DType,
  dtypeInfo,
  float16ToNumber,
  type Tensor,
  tensorStrings,
  UnimplementedError,
} from "@tfsaver/core";

/** An element of a tensor as a JavaScript value. A complex number is a pair of its parts. */
export type Element = number | bigint | boolean | readonly [real: number, imaginary: number] | Uint8Array;

/**
 * Reads the elements of a tensor as values, by their index in row-major order: numbers for numeric dtypes of any width
 * (bigints for 64-bit integers), booleans, pairs for complex numbers, and bytes for strings.
 *
 * @throws `UnimplementedError` for `variant` and `resource`.
 *
 * @example
 * ```ts
 * import { elementReader } from "@tfsaver/checkpoint-tools";
 * import { toTensor } from "@tfsaver/core";
 *
 * const elementAt = elementReader(toTensor([0.5, 1.5], "bfloat16"));
 * console.log(elementAt(1)); // 1.5
 * ```
 */
export function elementReader(tensor: Tensor): (index: number) => Element {
  const { dtype } = tensor;
  if (dtype === "string") {
    const strings = tensorStrings(tensor);
    return (index) => strings[index] as Uint8Array;
  }
  const { lanes, bits, size } = dtypeInfo(dtype);
  if (size === 0) throw new UnimplementedError(`The elements of a ${dtype} tensor can't be shown`);
  const data = tensor.data as { readonly [index: number]: number | bigint };
  if (lanes === 2) return (index) => [data[2 * index] as number, data[2 * index + 1] as number];
  if (dtype === "bool") return (index) => data[index] !== 0;
  const toNumber = decoderOf(dtype, bits);
  if (toNumber === undefined) return (index) => data[index] as number | bigint;
  return (index) => toNumber(data[index] as number);
}

/** Returns how to decode the raw bits of a dtype; `undefined` if they are numbers already. */
function decoderOf(dtype: DType, bits: number): ((raw: number) => number) | undefined {
  if (dtype === "float16") return float16ToNumber;
  if (dtype === "bfloat16") return bfloat16ToNumber;
  const small = SMALL_FLOATS[dtype];
  if (small !== undefined) return (raw) => smallFloat(raw, small);
  if (bits >= 8) return undefined;
  if (dtype.startsWith("uint")) return (raw) => raw & ((1 << bits) - 1);
  // Shifting to the top and back extends the sign.
  return (raw) => (raw << (32 - bits)) >> (32 - bits);
}

interface SmallFloat {
  readonly exponentBits: number;
  readonly fractionBits: number;
  readonly bias: number;
  /**
   * The values that are not finite. `ieee`: the largest exponent is infinity and NaN. `nan`: all bits but the sign set
   * is NaN. `unsigned-zero`: the encoding of -0 is NaN. `none`: all values are finite.
   */
  readonly special: "ieee" | "nan" | "unsigned-zero" | "none";
}

const SMALL_FLOATS: Partial<Record<DType, SmallFloat>> = {
  float8_e5m2: { exponentBits: 5, fractionBits: 2, bias: 15, special: "ieee" },
  float8_e4m3fn: { exponentBits: 4, fractionBits: 3, bias: 7, special: "nan" },
  float8_e4m3fnuz: { exponentBits: 4, fractionBits: 3, bias: 8, special: "unsigned-zero" },
  float8_e4m3b11fnuz: { exponentBits: 4, fractionBits: 3, bias: 11, special: "unsigned-zero" },
  float8_e5m2fnuz: { exponentBits: 5, fractionBits: 2, bias: 16, special: "unsigned-zero" },
  float4_e2m1fn: { exponentBits: 2, fractionBits: 1, bias: 1, special: "none" },
};

function smallFloat(raw: number, { exponentBits, fractionBits, bias, special }: SmallFloat): number {
  const signBit = 1 << (exponentBits + fractionBits);
  const magnitude = raw & (signBit - 1);
  const sign = raw & signBit ? -1 : 1;
  if (special === "nan" && magnitude === signBit - 1) return Number.NaN;
  if (special === "unsigned-zero" && magnitude === 0 && sign < 0) return Number.NaN;
  const exponent = magnitude >>> fractionBits;
  const fraction = (magnitude & ((1 << fractionBits) - 1)) / (1 << fractionBits);
  if (special === "ieee" && exponent === (1 << exponentBits) - 1) {
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
}
