/**
 * Decodes the messages of the V2 index. For readers, which need not load the encoders.
 *
 * @packageDocumentation
 */

export { BundleEntryProto, BundleHeaderProto, BundleHeaderProto_Endianness } from "./generated/tensor-bundle.decode.js";
export { TensorShapeProto, TensorShapeProto_Dim } from "./generated/tensor-shape.decode.js";
export { TensorSliceProto, TensorSliceProto_Extent } from "./generated/tensor-slice.decode.js";
export { DataType } from "./generated/types.decode.js";
export { VersionDef } from "./generated/versions.decode.js";
export type { MessageDecoder } from "./wire/decoder.js";
