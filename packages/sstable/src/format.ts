import { DataLossError } from "@tfsaver/core";
import { crc32c, maskCrc, VarintReader, varintLength, writeVarint } from "@tfsaver/core/coding";

/** Offset and size in bytes of a block's contents, without the trailer. */
export interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/** Size in bytes of the trailer after a block's contents: a type byte and a masked CRC-32C. */
export const BLOCK_TRAILER_SIZE = 5;
/** Size in bytes of the footer: two handles, zeros up to 40, and the magic number. */
export const FOOTER_SIZE = 48;
/** Size in bytes at which a data block ends (TensorFlow's value; LevelDB has 4096). */
export const BLOCK_SIZE = 262144;
/** Number of entries of a data block after which a key is stored whole. */
export const RESTART_INTERVAL = 16;
/** Type byte of an uncompressed block. */
export const UNCOMPRESSED = 0;
/** Type byte of a block in raw snappy form. */
export const SNAPPY = 1;

/** The magic number: the last eight bytes of every table, and so of every index and every V1 file. */
export const TABLE_MAGIC: readonly number[] = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

const HANDLES_SIZE = FOOTER_SIZE - TABLE_MAGIC.length;

/** Encodes a handle as two varints. */
export function encodeHandle(handle: BlockHandle): Uint8Array {
  const bytes = new Uint8Array(varintLength(handle.offset) + varintLength(handle.size));
  writeVarint(bytes, writeVarint(bytes, 0, handle.offset), handle.size);
  return bytes;
}

/**
 * Decodes a handle. The reader stays behind it.
 *
 * @throws `DataLossError` (`bad block handle`) if it is truncated.
 */
export function decodeHandle(
  reader: VarintReader,
  where: { readonly path: string; readonly offset: number },
): BlockHandle {
  try {
    return { offset: reader.next(), size: reader.next() };
  } catch (cause) {
    throw new DataLossError(`${where.path}: bad block handle (block at offset ${where.offset})`, { ...where, cause });
  }
}

/** Encodes the trailer of an uncompressed block. */
export function encodeTrailer(contents: Uint8Array): Uint8Array {
  const trailer = new Uint8Array(BLOCK_TRAILER_SIZE);
  trailer[0] = UNCOMPRESSED;
  const crc = crc32c(trailer.subarray(0, 1), crc32c(contents));
  new DataView(trailer.buffer).setUint32(1, maskCrc(crc), true);
  return trailer;
}

/** The end of a table: the handles of its metaindex block and its index block. */
export interface Footer {
  readonly metaindex: BlockHandle;
  readonly index: BlockHandle;
}

export function encodeFooter(footer: Footer): Uint8Array {
  const bytes = new Uint8Array(FOOTER_SIZE);
  const metaindex = encodeHandle(footer.metaindex);
  bytes.set(metaindex);
  bytes.set(encodeHandle(footer.index), metaindex.length);
  bytes.set(TABLE_MAGIC, HANDLES_SIZE);
  return bytes;
}

/**
 * Decodes a footer of {@link FOOTER_SIZE} bytes.
 *
 * @throws `DataLossError` if the magic number or a handle is wrong.
 */
export function decodeFooter(bytes: Uint8Array, fileSize: number, path: string): Footer {
  if (TABLE_MAGIC.some((byte, i) => bytes[HANDLES_SIZE + i] !== byte)) {
    const offset = fileSize - TABLE_MAGIC.length;
    throw new DataLossError(`${path}: not an sstable (bad magic number)`, { path, offset });
  }
  const reader = new VarintReader(bytes, 0, HANDLES_SIZE);
  const where = { path, offset: fileSize - FOOTER_SIZE };
  return { metaindex: decodeHandle(reader, where), index: decodeHandle(reader, where) };
}
