// Stands in for `protobufjs/src/util/minimal.js`: what reader, writer and codecs use of it, without the rest (long.js,
// remote calls, base64, ways around missing typed arrays), which is more than twice as large as what is used.
export { default as LongBits } from "protobufjs/src/util/longbits.js";
export { default as utf8 } from "protobufjs/src/util/utf8.js";

export const global = globalThis;
/** The limit of protoc. */
export const recursionLimit = 100;
export const emptyArray = Object.freeze([]);
/** 64-bit integers stay the two halves that they are on the wire; the modules around the codecs make bigints of them. */
export const Long = { fromBits: (low, high, unsigned) => ({ low, high, unsigned }) };
/** Without a `Buffer`, bytes are the same in Node.js and in browsers. */
export const Buffer = null;
export const newBuffer = (sizeOrArray) => new Uint8Array(sizeOrArray);
/** Nothing is pooled: bytes that are handed out share their memory with nothing else. */
export const pool = (alloc) => alloc;
/** Bytes are never given as base64 text. */
export const isString = () => false;
export const base64 = undefined;
export const merge = Object.assign;

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
export const float = {
  readFloatLE: (bytes, at) => viewOf(bytes).getFloat32(at, true),
  readDoubleLE: (bytes, at) => viewOf(bytes).getFloat64(at, true),
  writeFloatLE: (value, bytes, at) => viewOf(bytes).setFloat32(at, value, true),
  writeDoubleLE: (value, bytes, at) => viewOf(bytes).setFloat64(at, value, true),
};

export function makeProp(object, key, enumerable = true) {
  if (Object.hasOwn(object, key)) return;
  Object.defineProperty(object, key, { enumerable, configurable: true, writable: true });
}

export function oneOfGetter(fields) {
  return function () {
    return Object.keys(this).findLast((key) => fields.includes(key) && this[key] != null);
  };
}

export function oneOfSetter(fields) {
  return function (name) {
    for (const field of fields) if (field !== name) delete this[field];
  };
}
