/**
 * Messages of the V2 index: header, entries, shapes and slices.
 *
 * @packageDocumentation
 */
export type { MessageCodec } from "./codec.js";
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
