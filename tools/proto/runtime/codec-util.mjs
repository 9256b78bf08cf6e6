// What the generated wire codecs themselves use of protobufjs' utilities.

export const global = globalThis;
/** The limit of protoc. */
export const recursionLimit = 100;
export const emptyArray = Object.freeze([]);
/** 64-bit integers stay the two halves that they are on the wire; the modules around the codecs make bigints of them. */
export const Long = { fromBits: (low, high, unsigned) => ({ low, high, unsigned }) };
export const newBuffer = (sizeOrArray) => new Uint8Array(sizeOrArray);

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
