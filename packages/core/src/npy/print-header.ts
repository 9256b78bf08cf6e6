import type { DType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/shape.js";

const DESCR: Partial<Record<DType, string>> = {
  bool: "|b1",
  float16: "<f2",
  float32: "<f4",
  float64: "<f8",
  complex64: "<c8",
  complex128: "<c16",
  bfloat16: "<V2",
};

/**
 * Returns NumPy's name for a numeric dtype. Those that NumPy lacks are raw bits: `<V2` for `bfloat16`, `<V1` for `float8_*`,
 * `float4_e2m1fn` and integers of less than 8 bits, as `numpy.save` writes the types of `ml_dtypes`. Quantized types are their
 * integers.
 */
export function numpyDescr(dtype: DType): string {
  const known = DESCR[dtype];
  if (known !== undefined) return known;
  const integer = /^q?(u?)int(8|16|32|64)$/.exec(dtype);
  if (integer === null) return "<V1";
  const size = Number(integer[2]) / 8;
  return `${size === 1 ? "|" : "<"}${integer[1] === "u" ? "u" : "i"}${size}`;
}

const MAGIC = "\x93NUMPY\x01\x00";
/** The elements start at a multiple of this. */
const ALIGNMENT = 64;
/** NumPy pads the header, so that the first dimension can grow to this many digits in place. */
const GROWTH_DIGITS = 21;

/** Formats the header of a NumPy file, version 1, with the bytes that `numpy.save` writes. The elements follow it. */
export function npyHeader(descr: string, shape: Shape): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const room = shape.length === 0 ? 0 : GROWTH_DIGITS - String(shape[0]).length;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${dims}), }${" ".repeat(room)}`;
  const before = MAGIC.length + 2;
  const size = Math.ceil((before + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = Uint8Array.from(`${MAGIC}\0\0${text.padEnd(size - before - 1)}\n`, (char) => char.charCodeAt(0));
  new DataView(bytes.buffer).setUint16(MAGIC.length, size - before, true);
  return bytes;
}
