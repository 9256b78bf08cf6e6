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
} from "./generated/saved-tensor-slice.decode.js";
export { TensorShapeProto, TensorShapeProto_Dim } from "./generated/tensor-shape.decode.js";
export { TensorSliceProto, TensorSliceProto_Extent } from "./generated/tensor-slice.decode.js";
export { VersionDef } from "./generated/versions.decode.js";
export type { MessageDecoder } from "./wire/decoder.js";
