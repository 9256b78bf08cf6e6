import {
  DataLossError,
  type DType,
  dtypeFromEnum,
  dtypeInfo,
  dtypeToEnum,
  InvalidArgumentError,
  numElements,
  type Shape,
} from "@tfsaver/core";
import { unmaskCrc } from "@tfsaver/core/coding";
import { BundleEntryProto, TensorShapeProto, TensorShapeProto_Dim } from "@tfsaver/proto/bundle";

/** Where one tensor lies and what it is. */
export interface BundleEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Which data file, counted from 0. */
  readonly shard: number;
  /** Byte offset in that file. */
  readonly offset: number;
  /** Bytes in that file. */
  readonly size: number;
  /** CRC-32C of the content, unmasked. */
  readonly crc32c: number;
  /** Whether the tensor is stored in slices, so that the fields above from `shard` on mean nothing. */
  readonly sliced: boolean;
}

/**
 * Reads an index entry.
 *
 * @throws `DataLossError` if it is not one, or what it says is impossible.
 */
export function decodeEntry(name: string, value: Uint8Array, path: string): BundleEntry {
  const context = { path, tensor: name };
  let proto: BundleEntryProto;
  let dtype: DType;
  try {
    proto = BundleEntryProto.decode(value);
    dtype = dtypeFromEnum(proto.dtype);
  } catch (cause) {
    throw new DataLossError(`${path}: Entry for key ${name} not parseable.`, { ...context, cause });
  }
  const shape = proto.shape?.dim.map((dim) => dim.size) ?? [];
  try {
    numElements(shape);
  } catch (cause) {
    throw new DataLossError(`${path}: Invalid tensor shape: ${name} [${shape.join(",")}]`, { ...context, cause });
  }
  const { shardId: shard, offset, size } = proto;
  if (shard < 0 || offset < 0 || size < 0 || !Number.isSafeInteger(offset + size)) {
    throw new DataLossError(
      `${path}: Invalid place in bundle entry: key ${name}; shard ${shard}, offset ${offset}, size ${size}`,
      context,
    );
  }
  const sliced = proto.slices.length > 0;
  if (!sliced) checkSize(name, dtype, shape, size, path);
  return { name, dtype, shape, shard, offset, size, crc32c: unmaskCrc(proto.crc32c >>> 0), sliced };
}

function checkSize(name: string, dtype: DType, shape: Shape, size: number, path: string): void {
  const elements = numElements(shape);
  const width = dtypeInfo(dtype).size;
  if (width > 0 ? size === elements * width : size >= elements) return;
  const expected = width > 0 ? `size ${elements * width}` : `size is at least ${elements}`;
  throw new DataLossError(
    `${path}: Invalid size in bundle entry: key ${name}; stored size ${size}; expected ${expected}`,
    { path, tensor: name },
  );
}

/** What an entry written here says. */
export interface NewEntry {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  /** Masked. */
  readonly maskedCrc32c: number;
}

export function encodeEntry(entry: NewEntry): Uint8Array {
  if (entry.shape.length > 254) {
    throw new InvalidArgumentError(`A tensor of ${entry.shape.length} dimensions is beyond TensorFlow's 254`);
  }
  return BundleEntryProto.encode(
    BundleEntryProto.create({
      dtype: dtypeToEnum(entry.dtype),
      shape: TensorShapeProto.create({ dim: entry.shape.map((size) => TensorShapeProto_Dim.create({ size })) }),
      shardId: entry.shard,
      offset: entry.offset,
      size: entry.size,
      crc32c: entry.maskedCrc32c,
    }),
  );
}
