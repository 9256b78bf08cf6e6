/**
 * Encodes and decodes the messages of the V2 index: header, entries, shapes and slices.
 *
 * @packageDocumentation
 */

export {
  BundleEntryProto,
  BundleHeaderProto,
  BundleHeaderProto_Endianness,
  DataType,
  TensorShapeProto,
  TensorShapeProto_Dim,
  TensorSliceProto,
  TensorSliceProto_Extent,
  VersionDef,
} from "./generated/bundle.js";
export type { MessageCodec } from "./wire/codec.js";
