import { MAX_RANK } from "@tfsaver/core";
import { MAX_VARINT_LENGTH, VarintReader, varintLength, writeVarint } from "@tfsaver/core/coding";

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
/** At the most: five numbers with their tags, the shape's length among them, and the checksum. */
const FIXED_FIELDS_SIZE = 5 * (1 + MAX_VARINT_LENGTH) + 1 + CRC_SIZE;
/** At the most: its tag and length, then the tag and value of its size. */
const MOST_OF_A_DIM = 3 + MAX_VARINT_LENGTH;
/** Above this, a varint may stand for a negative number, or one that needs a closer look. */
const MAX_INT32 = 0x7fffffff;

/** How many bytes {@link writePlainEntry} writes at the most. */
export function mostOfPlainEntry({ dims }: PlainEntry): number {
  return FIXED_FIELDS_SIZE + dims.length * MOST_OF_A_DIM;
}

/** Writes what {@link readPlainEntry} reads, as the codec does: what is zero is left out. Gives the offset behind it. */
export function writePlainEntry(target: Uint8Array, offset: number, entry: PlainEntry): number {
  const { dims, crc32c } = entry;
  let at = writeField(target, offset, DTYPE, entry.dtype);
  target[at++] = SHAPE;
  at = writeVarint(
    target,
    at,
    dims.reduce((sum, dim) => sum + 2 + dimLength(dim), 0),
  );
  for (const dim of dims) {
    target[at++] = DIM;
    at = writeVarint(target, at, dimLength(dim));
    at = writeField(target, at, DIM_SIZE, dim);
  }
  at = writeField(target, at, SHARD, entry.shard);
  at = writeField(target, at, OFFSET, entry.offset);
  at = writeField(target, at, SIZE, entry.size);
  if (crc32c === 0) return at;
  target[at++] = CRC32C;
  for (let shift = 0; shift < 32; shift += 8) target[at++] = crc32c >>> shift;
  return at;
}

function writeField(target: Uint8Array, offset: number, tag: number, value: number): number {
  if (value === 0) return offset;
  target[offset] = tag;
  return writeVarint(target, offset + 1, value);
}

/** Bytes of a dimension's message. */
function dimLength(dim: number): number {
  return dim === 0 ? 0 : 1 + varintLength(dim);
}

/**
 * Reads an index entry as writers write nearly all: fields in ascending order, each once, nothing else. An index may
 * have hundreds of thousands, and this takes a tenth of the codec's time.
 *
 * @returns `undefined` for everything else, good or bad, which the codec then judges
 */
export function readPlainEntry(bytes: Uint8Array): PlainEntry | undefined {
  const reader = new VarintReader(bytes);
  try {
    const dtype = readField(bytes, reader, DTYPE);
    const dims = bytes[reader.offset] === SHAPE ? readDims(bytes, reader) : [];
    const shard = readField(bytes, reader, SHARD);
    const offset = readField(bytes, reader, OFFSET);
    const size = readField(bytes, reader, SIZE);
    let crc32c = 0;
    if (bytes[reader.offset] === CRC32C) {
      const at = reader.offset + 1;
      if (at + CRC_SIZE > bytes.length) return undefined;
      for (let i = CRC_SIZE - 1; i >= 0; i--) crc32c = (crc32c << 8) | (bytes[at + i] as number);
      crc32c >>>= 0;
      reader.offset = at + CRC_SIZE;
    }
    const isPlain = dims !== undefined && reader.offset === bytes.length && dtype <= MAX_INT32 && shard <= MAX_INT32;
    return isPlain ? { dtype, dims, shard, offset, size, crc32c } : undefined;
  } catch {
    return undefined;
  }
}

/** The value of a field if it is the next one, 0 if it is left out. */
function readField(bytes: Uint8Array, reader: VarintReader, tag: number): number {
  if (bytes[reader.offset] !== tag) return 0;
  reader.offset++;
  return reader.next();
}

/** Dimensions that are being read: a list that grows takes many times the room of the few that it has in the end. */
const scratch: number[] = [];
/** The dimensions that were read last: tensors that lie next to each other have the same as often as not. */
let last: readonly number[] = Object.freeze([]);

function readDims(bytes: Uint8Array, reader: VarintReader): readonly number[] | undefined {
  reader.offset++;
  const length = reader.next();
  const end = reader.offset + length;
  let rank = 0;
  while (reader.offset < end) {
    if (bytes[reader.offset++] !== DIM || rank === MAX_RANK) return undefined;
    const dimEnd = reader.next() + reader.offset;
    if (dimEnd > end) return undefined;
    if (reader.offset === dimEnd) {
      scratch[rank++] = 0;
      continue;
    }
    if (bytes[reader.offset++] !== DIM_SIZE) return undefined;
    scratch[rank++] = reader.next();
    if (reader.offset !== dimEnd) return undefined;
  }
  if (!isLast(rank)) last = Object.freeze(scratch.slice(0, rank));
  return last;
}

/** Whether the dimensions in {@link scratch} are those that were read last. */
function isLast(rank: number): boolean {
  if (rank !== last.length) return false;
  for (let i = 0; i < rank; i++) if (scratch[i] !== last[i]) return false;
  return true;
}
