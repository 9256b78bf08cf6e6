/**
 * Checksums, variable-length integers, slice keys and versions: what both checkpoint formats are spelled with; and memory for
 * many short runs of bytes.
 *
 * @packageDocumentation
 */
export { Arena } from "./arena.js";
export { concatBytes } from "./concat-bytes.js";
export { copyBytes } from "./copy-bytes.js";
export { crc32c, maskCrc, unmaskCrc } from "./crc32c.js";
export { FORMAT_VERSION, requireReadableVersion } from "./format-version.js";
export { sliceKey } from "./ordered-code.js";
export { MAX_VARINT_LENGTH, VarintReader, varintLength, writeVarint } from "./varint.js";
