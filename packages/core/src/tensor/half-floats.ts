const scratch = new DataView(new ArrayBuffer(8));

/** Returns the 16 bits of the bfloat16 nearest to `value`, ties to even. Every NaN becomes a quiet NaN. */
export function bfloat16Bits(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  if (Number.isNaN(value)) return ((bits >>> 16) | 0x0040) & 0xffff;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** Returns the number with these 16 bits of bfloat16. */
export function bfloat16ToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** Returns the 16 bits of the IEEE half-precision number nearest to `value`, ties to even. */
export function float16Bits(value: number): number {
  single[0] = value;
  // Most values come from float32, whose bits are rounded ten times as fast.
  return single[0] === value ? roundedSingle(singleBits[0] as number) : roundedDouble(value);
}

/** Rounds the bits of a finite or infinite float32. */
function roundedSingle(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  // 65520 and more become infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    const rebiased = magnitude - 0x38000000;
    return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
  }
  // Half of the smallest number, and less, is zero.
  if (magnitude <= 0x33000000) return sign;
  const shift = 126 - (magnitude >>> 23);
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const floor = mantissa >>> shift;
  return sign | ((mantissa + (1 << (shift - 1)) - 1 + (floor & 1)) >>> shift);
}

function roundedDouble(value: number): number {
  scratch.setFloat64(0, value);
  const sign = (scratch.getUint16(0) >>> 15) << 15;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundHalfEven(magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  const exact = magnitude < 2 ** exponent ? exponent - 1 : exponent;
  // If the mantissa rounds up to 1024, the addition carries into the exponent, as it should.
  return sign | (((exact + 15) << 10) + roundHalfEven((magnitude / 2 ** exact - 1) * 1024));
}

/** Returns the number with these 16 bits of IEEE half precision. */
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
