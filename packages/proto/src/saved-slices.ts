/**
 * Messages of V1 checkpoint files.
 *
 * @packageDocumentation
 */
export type { MessageCodec } from "./codec.js";
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
