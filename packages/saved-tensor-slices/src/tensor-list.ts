import {
  SavedSliceMeta,
  SavedTensorSliceMeta,
  SavedTensorSlices,
  TensorShapeProto,
  TensorShapeProto_Dim,
  VersionDef,
} from "@tfsaver/checkpoint-proto/saved-slices";
import * as decoders from "@tfsaver/checkpoint-proto/saved-slices/decode";
import {
  DataLossError,
  type DType,
  dtypeFromEnum,
  dtypeToEnum,
  InternalError,
  isCheckpointError,
  numElements,
  requireRank,
  type Shape,
  type TensorSlice,
} from "@tfsaver/core";
import { FORMAT_VERSION, requireReadableVersion, sliceFromProto, sliceToProto } from "@tfsaver/core/slices";
import type { TableReader } from "@tfsaver/sstable";
import type { CallOptions, ReadableFile } from "@tfsaver/storage";
import { requireFewMessages } from "./list-size.js";

/** Key of the entry that lists the tensors of a file, which comes before every other. */
export const META_KEY = new Uint8Array();

/** A tensor in the list of one file. */
export interface TensorMeta {
  readonly name: string;
  readonly dtype: DType;
  /** Shape of the whole tensor. */
  readonly shape: Shape;
  /** The slices that the file holds. */
  readonly slices: readonly TensorSlice[];
}

/** Encodes the entry that lists the tensors of a file. */
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
 * Reads the list of a file's tensors, which is its first entry.
 *
 * @throws `InternalError` if the entry is missing or damaged, `DataLossError` if its values are impossible,
 * `InvalidArgumentError` if the file needs another version of the format.
 */
export async function readMeta(
  table: TableReader,
  { path, size: fileSize }: ReadableFile,
  options?: CallOptions,
): Promise<TensorMeta[]> {
  const missing = (cause?: unknown) =>
    new InternalError(
      `Failed to find the saved tensor slices at the beginning of the checkpoint file: ${path}` +
        (cause instanceof Error ? `: ${cause.message}` : ""),
      { path, offset: isCheckpointError(cause) ? cause.offset : undefined, cause },
    );
  let offset: number;
  let meta: SavedTensorSliceMeta | undefined;
  try {
    const first = await table.entries(options).next();
    if (first.done || first.value.key.length !== META_KEY.length) throw missing();
    offset = first.value.offset;
    requireFewMessages(first.value.value, fileSize);
    meta = decoders.SavedTensorSlices.decode(first.value.value).meta;
    // The header of a V2 index decodes as a message without a list.
    if (meta === undefined)
      throw missing(new DataLossError("it is a table without a list, such as the index of a V2 checkpoint"));
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
      `${where.path}: the list of tensors has impossible values for ${name}: ${(cause as Error).message}`,
      {
        ...where,
        tensor: name,
        cause,
      },
    );
  }
}
