import { DataLossError } from "@tfsaver/core";
import snappy from "snappyjs";

/** Three bytes of snappy can stand for 64 at most; what claims to hold more is not believed. */
const MAX_EXPANSION = 22;
const SMALL = 64;

/**
 * A block's contents out of raw snappy form.
 *
 * @throws `DataLossError` if it is no such form.
 */
export function uncompress(stored: Uint8Array, where: { readonly path: string; readonly offset: number }): Uint8Array {
  try {
    return snappy.uncompress(stored, stored.length * MAX_EXPANSION + SMALL);
  } catch (cause) {
    throw new DataLossError(`${where.path}: corrupted compressed block contents (block at offset ${where.offset})`, {
      ...where,
      cause,
    });
  }
}
