import { BundleEntryProto, TensorShapeProto, TensorShapeProto_Dim } from "@tfsaver/checkpoint-proto/bundle";
import * as decoders from "@tfsaver/checkpoint-proto/bundle/decode";
import {
  DataLossError,
  type DType,
  dtypeFromEnum,
  dtypeInfo,
  dtypeToEnum,
  numElements,
  requireRank,
  type Shape,
  type TensorSlice,
} from "@tfsaver/core";
import { type Arena, unmaskCrc, VarintReader } from "@tfsaver/core/coding";
import { sliceFromProto, sliceToProto } from "@tfsaver/core/slices";
import { maxPlainEntrySize, type PlainEntry, readPlainEntry, writePlainEntry } from "./plain-entry.js";

/** The index entry of a tensor: its dtype and shape, and the place of its data. */
export interface BundleEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /**
   * The slices of a partitioned tensor, each of which has an entry of its own; empty for a tensor that is stored whole. If
   * there are slices, the fields below have no meaning.
   */
  readonly slices: readonly TensorSlice[];
  /** Number of the data file, from 0. */
  readonly shard: number;
  /** Byte offset in that file. */
  readonly offset: number;
  /** Size in bytes. */
  readonly size: number;
  /** CRC-32C of the data, unmasked. */
  readonly crc32c: number;
}

/** The file and block that an index entry was read from, for errors. */
export interface EntrySource {
  readonly path: string;
  /** Byte offset of the block. */
  readonly offset: number;
}

/**
 * Decodes an index entry.
 *
 * @param name - name of the tensor; for a slice, how errors refer to it
 * @throws `DataLossError` if the bytes are not an entry, or its values are impossible.
 */
export function decodeEntry(name: string, value: Uint8Array, where: EntrySource): BundleEntry {
  const { path } = where;
  let fields: EntryFields;
  let dtype: DType;
  try {
    fields = readPlainEntry(value) ?? readEntry(value);
    dtype = dtypeFromEnum(fields.dtype);
  } catch (cause) {
    throw new DataLossError(`${path}: Entry for key ${name} not parseable.`, { ...where, tensor: name, cause });
  }
  const shape = fields.dims;
  try {
    requireRank(shape);
    numElements(shape);
  } catch (cause) {
    throw new DataLossError(`${path}: Invalid tensor shape: ${name}: ${(cause as Error).message}`, {
      ...where,
      tensor: name,
      cause,
    });
  }
  const { shard, offset, size, slices = NO_SLICES } = fields;
  if (shard < 0 || offset < 0 || size < 0 || !Number.isSafeInteger(offset + size)) {
    throw new DataLossError(
      `${path}: Invalid place in bundle entry: key ${name}; shard ${shard}, offset ${offset}, size ${size}`,
      { ...where, tensor: name },
    );
  }
  if (slices.length === 0) checkSize(name, dtype, shape, size, where);
  return { name, dtype, shape, slices, shard, offset, size, crc32c: unmaskCrc(fields.crc32c) };
}

const NO_SLICES: readonly TensorSlice[] = [];

interface EntryFields extends PlainEntry {
  readonly slices?: readonly TensorSlice[];
}

/** Maximum number of slices of a tensor. A small compressed index could list so many that they fill any memory. */
const MAX_SLICES = 1 << 18;
/** Size in bytes of the smallest entry of a slice in its list. */
const MIN_SLICE_SIZE = 2;
const SLICES_FIELD = 7;

function requireFewSlices(value: Uint8Array): void {
  if (value.length <= MAX_SLICES * MIN_SLICE_SIZE) return;
  const reader = new VarintReader(value);
  let count = 0;
  while (reader.offset < value.length) {
    const tag = reader.next();
    if (Math.floor(tag / 8) === SLICES_FIELD && ++count > MAX_SLICES) {
      throw new DataLossError(`it lists more than ${MAX_SLICES} slices`);
    }
    reader.skipField(tag % 8);
  }
}

function readEntry(value: Uint8Array): EntryFields {
  requireFewSlices(value);
  const { dtype, shape, shardId: shard, offset, size, crc32c, slices } = decoders.BundleEntryProto.decode(value);
  const dims = shape?.dim.map((dim) => dim.size) ?? [];
  return { dtype, dims, shard, offset, size, crc32c: crc32c >>> 0, slices: slices.map(sliceFromProto) };
}

function checkSize(name: string, dtype: DType, shape: Shape, size: number, where: EntrySource): void {
  const elements = numElements(shape);
  const width = dtypeInfo(dtype).size;
  if (width > 0 ? size === elements * width : size >= elements) return;
  const expected = width > 0 ? `size ${elements * width}` : `size is at least ${elements}`;
  throw new DataLossError(
    `${where.path}: Invalid size in bundle entry: key ${name}; stored size ${size}; expected ${expected}`,
    { ...where, tensor: name },
  );
}

function shapeToProto(shape: Shape): TensorShapeProto {
  requireRank(shape);
  return TensorShapeProto.create({ dim: shape.map((size) => TensorShapeProto_Dim.create({ size })) });
}

/** The fields of the entry of a tensor, or of a slice, that has data. */
export interface NewEntry {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  readonly maskedCrc32c: number;
}

/** Encodes an index entry into memory of the arena. */
export function encodeEntry(
  { dtype, shape: dims, shard, offset, size, maskedCrc32c: crc32c }: NewEntry,
  arena: Arena,
): Uint8Array {
  requireRank(dims);
  const entry = { dtype: dtypeToEnum(dtype), dims, shard, offset, size, crc32c };
  const memory = arena.open(maxPlainEntrySize(entry));
  return arena.close(writePlainEntry(memory, arena.start, entry));
}

/** Encodes the entry of a partitioned tensor, which lists its slices. */
export function encodePartitionedEntry(dtype: DType, shape: Shape, slices: readonly TensorSlice[]): Uint8Array {
  const fields = { dtype: dtypeToEnum(dtype), shape: shapeToProto(shape), slices: slices.map(sliceToProto) };
  return BundleEntryProto.encode(BundleEntryProto.create(fields));
}
