import { VarintReader } from "@tfsaver/core/coding";

/** The fields of the index entry of a tensor that is stored whole. */
export interface PlainEntry {
  readonly dtype: number;
  readonly dims: readonly number[];
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  /** Masked. */
  readonly crc32c: number;
}

/** Tags as they lie in a file: number and wire type of a `BundleEntryProto`'s fields, of its shape's, of a dimension's. */
const [DTYPE, SHAPE, SHARD, OFFSET, SIZE, CRC32C] = [0x08, 0x12, 0x18, 0x20, 0x28, 0x35];
const DIM = 0x12;
const DIM_SIZE = 0x08;
const CRC_SIZE = 4;
/** Above this, a varint may stand for a negative number, or one that needs a closer look. */
const MAX_INT32 = 0x7fffffff;

/**
 * Reads an index entry as writers write nearly all: fields in ascending order, each once, nothing else. An index may
 * have hundreds of thousands, and this takes a tenth of the codec's time.
 *
 * @returns `undefined` for everything else, good or bad, which the codec then judges
 */
export function readPlainEntry(bytes: Uint8Array): PlainEntry | undefined {
  const reader = new VarintReader(bytes);
  /** The value of a field if it is the next one, 0 if it is left out. */
  const number = (tag: number) => {
    if (bytes[reader.offset] !== tag) return 0;
    reader.offset++;
    return reader.next();
  };
  try {
    const dtype = number(DTYPE);
    const dims = bytes[reader.offset] === SHAPE ? readDims(bytes, reader) : [];
    const [shard, offset, size] = [number(SHARD), number(OFFSET), number(SIZE)];
    let crc32c = 0;
    if (bytes[reader.offset] === CRC32C) {
      const at = reader.offset + 1;
      if (at + CRC_SIZE > bytes.length) return undefined;
      crc32c = new DataView(bytes.buffer, bytes.byteOffset + at, CRC_SIZE).getUint32(0, true);
      reader.offset = at + CRC_SIZE;
    }
    const isPlain = dims !== undefined && reader.offset === bytes.length && dtype <= MAX_INT32 && shard <= MAX_INT32;
    return isPlain ? { dtype, dims, shard, offset, size, crc32c } : undefined;
  } catch {
    return undefined;
  }
}

function readDims(bytes: Uint8Array, reader: VarintReader): number[] | undefined {
  reader.offset++;
  const length = reader.next();
  const end = reader.offset + length;
  const dims: number[] = [];
  while (reader.offset < end) {
    if (bytes[reader.offset++] !== DIM) return undefined;
    const dimEnd = reader.next() + reader.offset;
    if (dimEnd > end) return undefined;
    if (reader.offset === dimEnd) {
      dims.push(0);
      continue;
    }
    if (bytes[reader.offset++] !== DIM_SIZE) return undefined;
    dims.push(reader.next());
    if (reader.offset !== dimEnd) return undefined;
  }
  return dims;
}
