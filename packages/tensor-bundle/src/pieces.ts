/** Of so many bytes the checksum is computed while those before are being written. */
export const PIECE = 8 << 20;

/** A run of bytes in pieces to be written one by one; views, in order. */
export function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}
