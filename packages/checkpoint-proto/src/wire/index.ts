/**
 * The runtime of generated codecs: reads and writes the wire format of protobuf.
 *
 * @packageDocumentation
 */

export { codec, type MessageCodec } from "./codec.js";
export { decoder, type MessageDecoder } from "./decoder.js";
export { type KnownTexts, knownTexts } from "./known-texts.js";
export { compareKeys, type MapKey, sortedKeys } from "./map-order.js";
export { DEPTH_LIMIT, WireReader } from "./wire-reader.js";
export { WireWriter } from "./wire-writer.js";
