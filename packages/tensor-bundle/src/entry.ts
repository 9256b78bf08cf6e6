import {
  DataLossError,
  type DType,
  dtypeFromEnum,
  dtypeInfo,
  dtypeToEnum,
  type Extent,
  numElements,
  requireRank,
  type Shape,
  type TensorSlice,
} from "@tfsaver/core";
import { type Arena, unmaskCrc } from "@tfsaver/core/coding";
import {
  BundleEntryProto,
  TensorShapeProto,
  TensorShapeProto_Dim,
  TensorSliceProto,
  TensorSliceProto_Extent,
} from "@tfsaver/proto/bundle";
import * as decoders from "@tfsaver/proto/bundle/decode";
import { mostOfPlainEntry, type PlainEntry, readPlainEntry, writePlainEntry } from "./plain-entry.js";

/** Where one tensor lies and what it is. */
export interface BundleEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /**
   * The parts that a partitioned tensor is stored in, each under a key of its own; empty for a tensor that is stored
   * whole. If there are any, the fields below mean nothing.
   */
  readonly slices: readonly TensorSlice[];
  /** Which data file, counted from 0. */
  readonly shard: number;
  /** Byte offset in that file. */
  readonly offset: number;
  /** Bytes in that file. */
  readonly size: number;
  /** CRC-32C of the content, unmasked. */
  readonly crc32c: number;
}

/** Where an index entry was read from, for errors. */
export interface EntrySource {
  readonly path: string;
  /** Start of the block that holds it. */
  readonly offset: number;
}

/**
 * Reads an index entry.
 *
 * @param name - the tensor's name; for a slice, what it is called in errors
 * @throws `DataLossError` if it is not one, or what it says is impossible.
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

/** @throws `DataLossError` if the bytes are no such message. */
function readEntry(value: Uint8Array): EntryFields {
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

function sliceFromProto({ extent }: TensorSliceProto): TensorSlice {
  return extent.map(({ start, length }): Extent => (length === undefined ? "full" : { start, length }));
}

function sliceToProto(slice: TensorSlice): TensorSliceProto {
  const extent = slice.map((part) => TensorSliceProto_Extent.create(part === "full" ? {} : { ...part }));
  return TensorSliceProto.create({ extent });
}

function shapeToProto(shape: Shape): TensorShapeProto {
  requireRank(shape);
  return TensorShapeProto.create({ dim: shape.map((size) => TensorShapeProto_Dim.create({ size })) });
}

/** What the entry of a tensor (or slice) with data says. */
export interface NewEntry {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  /** Masked. */
  readonly maskedCrc32c: number;
}

export function encodeEntry(
  { dtype, shape: dims, shard, offset, size, maskedCrc32c: crc32c }: NewEntry,
  arena: Arena,
): Uint8Array {
  requireRank(dims);
  const entry = { dtype: dtypeToEnum(dtype), dims, shard, offset, size, crc32c };
  const memory = arena.open(mostOfPlainEntry(entry));
  return arena.close(writePlainEntry(memory, arena.start, entry));
}

/** The entry that tells of a partitioned tensor as a whole. */
export function encodePartitionedEntry(dtype: DType, shape: Shape, slices: readonly TensorSlice[]): Uint8Array {
  const fields = { dtype: dtypeToEnum(dtype), shape: shapeToProto(shape), slices: slices.map(sliceToProto) };
  return BundleEntryProto.encode(BundleEntryProto.create(fields));
}
