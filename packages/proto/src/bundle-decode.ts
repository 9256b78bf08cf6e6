/**
 * Decodes the messages of the V2 index. For readers, which need not load the encoders.
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
} from "./generated/bundle.decode.js";
export type { MessageDecoder } from "./wire/decoder.js";
