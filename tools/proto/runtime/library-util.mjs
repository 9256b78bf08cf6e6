// Stands in for `protobufjs/src/util/minimal.js`: what reader and writer use of it, without the rest (long.js, remote
// calls, ways around missing typed arrays), which is more than twice as large as what is used. What is not here is
// undefined there: `Buffer`, so that bytes are the same in Node.js and in browsers, and `base64`.
export { default as LongBits } from "protobufjs/src/util/longbits.js";
export { default as utf8 } from "protobufjs/src/util/utf8.js";
export { Long, recursionLimit } from "./codec-util.mjs";

/** Nothing is pooled: bytes that are handed out share their memory with nothing else. */
export const pool = (alloc) => alloc;
/** Bytes are never given as base64 text. */
export const isString = () => false;
export const merge = Object.assign;

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
export const float = {
  readFloatLE: (bytes, at) => viewOf(bytes).getFloat32(at, true),
  readDoubleLE: (bytes, at) => viewOf(bytes).getFloat64(at, true),
  writeFloatLE: (value, bytes, at) => viewOf(bytes).setFloat32(at, value, true),
  writeDoubleLE: (value, bytes, at) => viewOf(bytes).setFloat64(at, value, true),
};
