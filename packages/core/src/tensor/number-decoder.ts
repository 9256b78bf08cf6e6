import { type DType, dtypeInfo } from "./dtype.js";
import { bfloat16ToNumber, float16ToNumber } from "./half-floats.js";

/**
 * Returns the function that turns the raw bits of an element into its number, for dtypes whose arrays hold bits: 16-bit and
 * smaller floats, and integers of less than 8 bits. Returns `undefined` if the array holds numbers already.
 */
export function numberDecoder(dtype: DType): ((raw: number) => number) | undefined {
  if (dtype === "float16") return float16ToNumber;
  if (dtype === "bfloat16") return bfloat16ToNumber;
  const small = SMALL_FLOATS[dtype];
  if (small !== undefined) return (raw) => smallFloat(raw, small);
  const { bits } = dtypeInfo(dtype);
  if (bits === 0 || bits >= 8) return undefined;
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
