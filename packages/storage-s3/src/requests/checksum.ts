import { crc32c } from "@tfsaver/core/coding";
import type { TypedClient } from "./s3-client.js";

/** The checksum of a body, as a part of its request. Empty if the client sends checksums only where they are required. */
export interface Checksum {
  readonly ChecksumCRC32C?: string;
}

/** True unless the client's `requestChecksumCalculation` is `WHEN_REQUIRED`, as some servers need it. */
export async function sendsChecksums({ config }: TypedClient): Promise<boolean> {
  const wanted: unknown = config.requestChecksumCalculation;
  return (typeof wanted === "function" ? await wanted() : wanted) !== "WHEN_REQUIRED";
}

/** Computes the CRC-32C of a body, so that the store refuses damaged bytes, and the client computes none itself. */
export async function checksumOf(bytes: Uint8Array, client: TypedClient): Promise<Checksum> {
  if (!(await sendsChecksums(client))) return {};
  const crc = crc32c(bytes);
  return { ChecksumCRC32C: btoa(String.fromCharCode(crc >>> 24, (crc >>> 16) & 255, (crc >>> 8) & 255, crc & 255)) };
}
