/**
 * Encodes and decodes the messages of the V2 index: header, entries, shapes and slices.
 *
 * @packageDocumentation
 */

export { BundleEntryProto, BundleHeaderProto, BundleHeaderProto_Endianness } from "./generated/tensor-bundle.js";
export { TensorShapeProto, TensorShapeProto_Dim } from "./generated/tensor-shape.js";
export { TensorSliceProto, TensorSliceProto_Extent } from "./generated/tensor-slice.js";
export { DataType } from "./generated/types.js";
export { VersionDef } from "./generated/versions.js";
export type { MessageCodec } from "./wire/codec.js";
