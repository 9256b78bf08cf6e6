import { DataLossError } from "@tfsaver/core";
import { VarintReader } from "@tfsaver/core/coding";
// Not the package itself, which brings a compressor that no reader needs.
import { SnappyDecompressor } from "snappyjs/snappy_decompressor.js";

/**
 * A block's contents out of raw snappy form.
 *
 * @throws `DataLossError` if it is no such form.
 */
export function uncompress(stored: Uint8Array, where: { readonly path: string; readonly offset: number }): Uint8Array {
  try {
    // The library trusts lengths, so that a damaged one could keep it busy forever; it gets only what has been checked.
    const bytes = new Uint8Array(checkedLength(stored));
    const decompressor = new SnappyDecompressor(stored);
    decompressor.readUncompressedLength();
    if (!decompressor.uncompressToBuffer(bytes)) throw new DataLossError("not the elements that were promised");
    return bytes;
  } catch (cause) {
    throw new DataLossError(`${where.path}: corrupted compressed block contents (block at offset ${where.offset})`, {
      ...where,
      cause,
    });
  }
}

/** Low bits of an element's first byte: what it is. */
const LITERAL = 0;
const SHORT_COPY = 1;
/** Literals with this or a higher number in the upper six bits have their length in bytes of its own. */
const LONG_LITERAL = 60;

/**
 * The length that `stored` is uncompressed, once every element of it has been looked at.
 *
 * @throws if an element is cut off, copies from before the start, or together they are not as long as promised.
 */
function checkedLength(stored: Uint8Array): number {
  const head = new VarintReader(stored);
  const promised = head.next();
  let at = head.offset;
  let length = 0;
  const number = (bytes: number) => {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += (stored[at + i] ?? 0) * 2 ** (8 * i);
    at += bytes;
    return value;
  };
  while (at < stored.length) {
    const tag = number(1);
    const [kind, upper] = [tag & 3, tag >>> 2];
    if (kind === LITERAL) {
      const size = (upper < LONG_LITERAL ? upper : number(upper - LONG_LITERAL + 1)) + 1;
      at += size;
      length += size;
    } else {
      const offset = kind === SHORT_COPY ? (upper >>> 3) * 256 + number(1) : number(kind === 2 ? 2 : 4);
      if (offset === 0 || offset > length) throw new DataLossError("a copy from before the start");
      length += kind === SHORT_COPY ? (upper & 7) + 4 : upper + 1;
    }
  }
  if (at !== stored.length || length !== promised) throw new DataLossError(`${length} bytes instead of ${promised}`);
  return length;
}
