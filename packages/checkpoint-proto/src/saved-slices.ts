/**
 * Encodes and decodes the messages of V1 checkpoint files.
 *
 * @packageDocumentation
 */

export { SavedSlice, SavedSliceMeta, SavedTensorSliceMeta, SavedTensorSlices } from "./generated/saved-tensor-slice.js";
export { TensorShapeProto, TensorShapeProto_Dim } from "./generated/tensor-shape.js";
export { TensorSliceProto, TensorSliceProto_Extent } from "./generated/tensor-slice.js";
export { VersionDef } from "./generated/versions.js";
export type { MessageCodec } from "./wire/codec.js";
