import { DataLossError } from "@tfsaver/core";
import { crc32c, maskCrc, VarintReader, varintLength, writeVarint } from "@tfsaver/core/coding";

/** Where a block lies in a table file: contents only, without its trailer. */
export interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/** A type byte and a masked CRC-32C follow every block's contents. */
export const BLOCK_TRAILER_SIZE = 5;
/** Two handles, zero bytes up to 40, and the magic number. */
export const FOOTER_SIZE = 48;
/** A data block is ended once it is estimated to have this many bytes (TensorFlow's value; LevelDB has 4096). */
export const BLOCK_SIZE = 262144;
/** A whole key stands after this many entries of a data block. */
export const RESTART_INTERVAL = 16;
/** The type byte of a block that is stored as it is. */
export const UNCOMPRESSED = 0;
/** The type byte of a block in raw snappy form. */
export const SNAPPY = 1;

export const TABLE_MAGIC: readonly number[] = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
const HANDLES_SIZE = FOOTER_SIZE - TABLE_MAGIC.length;

/** A handle as two varints. */
export function encodeHandle(handle: BlockHandle): Uint8Array {
  const bytes = new Uint8Array(varintLength(handle.offset) + varintLength(handle.size));
  writeVarint(bytes, writeVarint(bytes, 0, handle.offset), handle.size);
  return bytes;
}

/**
 * Reads a handle; what follows it is left alone.
 *
 * @throws `DataLossError` `bad block handle` if it is cut off.
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

/** What follows the contents of a block that is stored as it is. */
export function encodeTrailer(contents: Uint8Array): Uint8Array {
  const trailer = new Uint8Array(BLOCK_TRAILER_SIZE);
  trailer[0] = UNCOMPRESSED;
  const crc = crc32c(trailer.subarray(0, 1), crc32c(contents));
  new DataView(trailer.buffer).setUint32(1, maskCrc(crc), true);
  return trailer;
}

/** The end of a table: where its metaindex and index blocks are. */
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
 * Reads a footer of {@link FOOTER_SIZE} bytes.
 *
 * @throws `DataLossError` if the magic number or a handle is wrong.
 */
export function decodeFooter(bytes: Uint8Array, fileSize: number, path: string): Footer {
  if (TABLE_MAGIC.some((byte, i) => bytes[HANDLES_SIZE + i] !== byte)) {
    throw new DataLossError(`${path}: not an sstable (bad magic number)`, {
      path,
      offset: fileSize - TABLE_MAGIC.length,
    });
  }
  const reader = new VarintReader(bytes, 0, HANDLES_SIZE);
  const where = { path, offset: fileSize - FOOTER_SIZE };
  return { metaindex: decodeHandle(reader, where), index: decodeHandle(reader, where) };
}
