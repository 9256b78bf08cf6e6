import { CHUNK_BYTES } from "@tfsaver/core/coding";

/** The bytes of a tensor as they lie in a data file. */
export interface EncodedTensor {
  /** Yields the bytes in order. For numbers they are the tensor's own memory, without a copy. */
  chunks(): Iterable<Uint8Array>;
  /** Returns the unmasked checksum. Call it after all chunks were taken. */
  crc32c(): number;
}

/** Splits bytes into chunks that are written one by one; views, in order. */
export function* splitIntoChunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
