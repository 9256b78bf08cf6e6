/**
 * The encodings that both checkpoint formats are made of: checksums, variable-length integers and slice keys. Also what
 * their readers and writers share: memory for many short byte strings, and the size of a chunk.
 *
 * @packageDocumentation
 */
export { Arena } from "./arena.js";
export { concatBytes, copyBytes } from "./bytes.js";
export { CHUNK_BYTES, PIECE_BYTES } from "./chunk-size.js";
export { crc32c, maskCrc, unmaskCrc } from "./crc32c/crc32c.js";
export { sliceKey } from "./slice-key.js";
export { MAX_VARINT_LENGTH, VarintReader, varintLength, writeVarint } from "./varint.js";
