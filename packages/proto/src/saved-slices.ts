/**
 * Encodes and decodes the messages of V1 checkpoint files.
 *
 * @packageDocumentation
 */

export {
  SavedSlice,
  SavedSliceMeta,
  SavedTensorSliceMeta,
  SavedTensorSlices,
  TensorShapeProto,
  TensorShapeProto_Dim,
  TensorSliceProto,
  TensorSliceProto_Extent,
  VersionDef,
} from "./generated/saved-slices.js";
export type { MessageCodec } from "./wire/codec.js";
