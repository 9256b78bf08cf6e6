import { crc32cByFolding, LEAST_TO_FOLD } from "./crc32c-folding.js";
import { crc32cByTables } from "./crc32c-tables.js";

/**
 * CRC-32C (Castagnoli: reflected polynomial 0x82F63B78, inverted at start and end), the checksum of both checkpoint
 * formats: that of `bytes`, or, with `crc` the checksum of what came before, that of both together.
 * `crc32c(b, crc32c(a))` is the checksum of `a` followed by `b`.
 */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  return bytes.length < LEAST_TO_FOLD ? crc32cByTables(bytes, crc) : crc32cByFolding(bytes, crc);
}

const MASK_DELTA = 0xa282ead8;

/** The form in which checksums are stored, so that a checksum of stored checksums stays meaningful. */
export function maskCrc(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}

/** The checksum that a stored, masked one stands for. */
export function unmaskCrc(masked: number): number {
  const rotated = (masked - MASK_DELTA) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}
