/** Tensors of up to this many bytes (16 MiB) are read whole and verified, and kept for the next parts. */
const WHOLE_BYTES = 16 << 20;

/**
 * True if parts of a tensor are read alone, without comparing checksums. All others are read whole once, and kept: small ones, and
 * those whose storage has no parts.
 *
 * @param tensor - its size in bytes, and if its file gives parts of it
 */
export function isReadInParts({ inParts, size }: { readonly inParts: boolean; readonly size: number }): boolean {
  return inParts && size > WHOLE_BYTES;
}
