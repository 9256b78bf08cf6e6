/**
 * Messages of the V2 index, for those who only read it: a page need not load what writes them.
 *
 * @packageDocumentation
 */
export type { MessageDecoder } from "./decoder.js";
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
} from "./generated/bundle.decode.js";
