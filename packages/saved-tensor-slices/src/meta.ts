import {
  DataLossError,
  type DType,
  dtypeFromEnum,
  dtypeToEnum,
  type Extent,
  InternalError,
  isCheckpointError,
  numElements,
  requireRank,
  type Shape,
  type TensorSlice,
} from "@tfsaver/core";
import { FORMAT_VERSION, requireReadableVersion } from "@tfsaver/core/slices";
import {
  SavedSliceMeta,
  SavedTensorSliceMeta,
  SavedTensorSlices,
  TensorShapeProto,
  TensorShapeProto_Dim,
  TensorSliceProto,
  TensorSliceProto_Extent,
  VersionDef,
} from "@tfsaver/proto/saved-slices";
import * as decoders from "@tfsaver/proto/saved-slices/decode";
import type { TableReader } from "@tfsaver/sstable";
import type { CallOptions } from "@tfsaver/storage";

/** The key of the entry that lists the tensors, before every other. */
export const META_KEY = new Uint8Array();

/** What one file says of a tensor. */
export interface TensorMeta {
  readonly name: string;
  readonly dtype: DType;
  /** Of the whole tensor. */
  readonly shape: Shape;
  readonly slices: readonly TensorSlice[];
}

export function sliceToProto(slice: TensorSlice): TensorSliceProto {
  const extent = slice.map((part) => TensorSliceProto_Extent.create(part === "full" ? {} : { ...part }));
  return TensorSliceProto.create({ extent });
}

function sliceFromProto({ extent }: TensorSliceProto): TensorSlice {
  return extent.map(({ start, length }): Extent => (length === undefined ? "full" : { start, length }));
}

/** The entry that lists the tensors of a file. */
export function encodeMeta(tensors: readonly TensorMeta[]): Uint8Array {
  const tensor = tensors.map(({ name, dtype, shape, slices }) =>
    SavedSliceMeta.create({
      name,
      shape: TensorShapeProto.create({ dim: shape.map((size) => TensorShapeProto_Dim.create({ size })) }),
      type: dtypeToEnum(dtype),
      slice: slices.map(sliceToProto),
    }),
  );
  const versions = VersionDef.create({ producer: FORMAT_VERSION });
  return SavedTensorSlices.encode(
    SavedTensorSlices.create({ meta: SavedTensorSliceMeta.create({ tensor, versions }) }),
  );
}

/**
 * Reads what a file holds from its first entry.
 *
 * @throws `InternalError` if the entry is missing or damaged, `DataLossError` if what it says is impossible,
 * `InvalidArgumentError` if it says that this version of the format must not be read.
 */
export async function readMeta(table: TableReader, path: string, options?: CallOptions): Promise<TensorMeta[]> {
  const missing = (cause?: unknown) =>
    new InternalError(
      `Failed to find the saved tensor slices at the beginning of the checkpoint file: ${path}` +
        (cause instanceof Error ? `: ${cause.message}` : ""),
      { path, offset: isCheckpointError(cause) ? cause.offset : undefined, cause },
    );
  let offset: number;
  let meta: SavedTensorSliceMeta;
  try {
    const first = await table.entries(options).next();
    if (first.done || first.value.key.length !== META_KEY.length) throw missing();
    offset = first.value.offset;
    meta = decoders.SavedTensorSlices.decode(first.value.value).meta ?? decoders.SavedTensorSliceMeta.create();
  } catch (error) {
    throw isCheckpointError(error, "DataLossError") ? missing(error) : error;
  }
  requireReadableVersion(meta.versions ?? decoders.VersionDef.create(), path);
  return meta.tensor.map((proto) => decodeTensor(proto, { path, offset }));
}

function decodeTensor(
  { name, shape, type, slice }: SavedSliceMeta,
  where: { readonly path: string; readonly offset: number },
): TensorMeta {
  const dims = shape?.dim.map(({ size }) => size) ?? [];
  try {
    requireRank(dims);
    numElements(dims);
    return { name, dtype: dtypeFromEnum(type), shape: dims, slices: slice.map(sliceFromProto) };
  } catch (cause) {
    throw new DataLossError(
      `${where.path}: what it says of tensor ${name} is impossible: ${(cause as Error).message}`,
      {
        ...where,
        tensor: name,
        cause,
      },
    );
  }
}
