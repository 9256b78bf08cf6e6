import { allocateBytes, DataLossError } from "@tfsaver/core";
import { copyBytes, VarintReader } from "@tfsaver/core/coding";

/** Kinds of element, in the two low bits of its first byte. The other kinds are copies with 2 or 4 bytes of offset. */
const LITERAL = 0;
const SHORT_COPY = 1;
const MEDIUM_COPY = 2;

/** Literals from this number in the upper six bits on have their length in 1 to 4 bytes after the first. */
const LONG_LITERAL = 60;

/** The most output bytes per input byte: a copy of three bytes yields up to 64. */
const MAX_EXPANSION = 64 / 3;

/**
 * Decompresses a block in raw snappy form.
 *
 * @param where - names the block in errors
 * @param maxExpansion - the most output bytes per stored byte
 * @throws `DataLossError` if the bytes are damaged, or declare more.
 */
export function uncompress(
  stored: Uint8Array,
  where: { readonly path: string; readonly offset: number },
  maxExpansion = MAX_EXPANSION,
): Uint8Array {
  try {
    return decode(stored, maxExpansion);
  } catch (cause) {
    if (!(cause instanceof DataLossError)) throw cause;
    throw new DataLossError(`${where.path}: corrupted compressed block contents (block at offset ${where.offset})`, {
      ...where,
      cause,
    });
  }
}

function decode(stored: Uint8Array, maxExpansion: number): Uint8Array {
  const header = new VarintReader(stored);
  const length = header.next();
  let at = header.offset;
  if (length > (stored.length - at) * maxExpansion) {
    throw new DataLossError(`${stored.length} bytes can't hold the declared ${length}`);
  }
  const bytes = allocateBytes(length);
  let filled = 0;
  while (at < stored.length) {
    const tag = stored[at++] as number;
    const kind = tag & 3;
    const upper = tag >>> 2;
    if (kind === LITERAL) {
      const width = Math.max(0, upper - LONG_LITERAL + 1);
      const size = 1 + (width === 0 ? upper : littleEndian(stored, at, width));
      at += width;
      if (size > stored.length - at) throw new DataLossError("a literal is truncated");
      requireRoom(size, length - filled);
      filled = copyBytes(stored, bytes, filled, at, at + size);
      at += size;
      continue;
    }
    const width = kind === SHORT_COPY ? 1 : kind === MEDIUM_COPY ? 2 : 4;
    const size = kind === SHORT_COPY ? 4 + (upper & 7) : 1 + upper;
    const offset = (kind === SHORT_COPY ? (upper >>> 3) << 8 : 0) + littleEndian(stored, at, width);
    at += width;
    if (offset === 0 || offset > filled) throw new DataLossError(`a copy from ${offset} bytes before byte ${filled}`);
    requireRoom(size, length - filled);
    // A copy may overlap its own output, and then repeats it; so it goes byte by byte.
    for (const end = filled + size; filled < end; filled++) bytes[filled] = bytes[filled - offset] as number;
  }
  if (filled !== length) throw new DataLossError(`${filled} bytes instead of the declared ${length}`);
  return bytes;
}

/** Reads an unsigned number of 1 to 4 bytes. */
function littleEndian(bytes: Uint8Array, at: number, width: number): number {
  if (width > bytes.length - at) throw new DataLossError("an element is truncated");
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] as number);
  return value;
}

function requireRoom(size: number, room: number): void {
  if (size > room) throw new DataLossError("there are more bytes than declared");
}
