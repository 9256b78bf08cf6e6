import { type DType, dtypeInfo } from "@tfsaver/core";

/** Turns the numbers of a tensor from one byte order into the other, in place. */
export function swapBytes(bytes: Uint8Array, dtype: DType): void {
  const unit = dtypeInfo(dtype).swapUnit;
  if (unit === 1) return;
  for (let start = 0; start + unit <= bytes.length; start += unit) bytes.subarray(start, start + unit).reverse();
}
