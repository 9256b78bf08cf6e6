import type { DType, Tensor } from "@tfsaver/core";
import { floatEncoder } from "./float-encoder.js";

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
  const encode = floatEncoder(dtype) as (value: number) => number;
  const target = data as Uint8Array | Uint16Array;
  for (let i = 0; i < count; i++) target[start + i] = encode((numbers[i] as number) / divisor);
}
