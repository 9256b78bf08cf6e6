/**
 * Decodes the messages of V1 checkpoint files. For readers, which need not load the encoders.
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
} from "./generated/saved-slices.decode.js";
export type { MessageDecoder } from "./wire/decoder.js";
