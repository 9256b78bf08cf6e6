import { type DType, isNumeric } from "@tfsaver/core";

/** Tensors of up to this many bytes (16 MiB) are read whole and verified, and kept for the next parts. */
const WHOLE_BYTES = 16 << 20;

/**
 * True if parts of a tensor are read alone, without comparing checksums. All others are read whole once, and kept: small ones, and
 * those whose storage has no parts.
 *
 * @param format - format of the checkpoint
 */
export function isReadInParts(
  format: string,
  { dtype, size }: { readonly dtype: DType; readonly size: number },
): boolean {
  return format === "V2" && isNumeric(dtype) && size > WHOLE_BYTES;
}
