import { crc32cByFolding, LEAST_TO_FOLD } from "./by-folding.js";
import { crc32cByTables } from "./by-tables.js";

/**
 * Computes the CRC-32C of `bytes`, the checksum of both checkpoint formats (Castagnoli: reflected polynomial 0x82F63B78,
 * inverted at start and end).
 *
 * @param crc - checksum of the bytes before these: `crc32c(b, crc32c(a))` is the checksum of `a` followed by `b`
 */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  return bytes.length < LEAST_TO_FOLD ? crc32cByTables(bytes, crc) : crc32cByFolding(bytes, crc);
}

const MASK_DELTA = 0xa282ead8;

/** Masks a checksum for storing. A CRC over bytes that contain their own CRC would be of little use. */
export function maskCrc(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}

/** Returns the checksum of which `masked` is the stored form. */
export function unmaskCrc(masked: number): number {
  const rotated = (masked - MASK_DELTA) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}
