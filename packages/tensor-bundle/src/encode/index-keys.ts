import type { Arena } from "@tfsaver/core/coding";

/** Key of the header, which comes before every name. */
export const HEADER_KEY = new Uint8Array();

/** First byte of the keys of slices. No tensor name starts with it. */
export const SLICE_KEY_MARK = 0;

/** Most bytes that a UTF-16 code unit takes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns the index key of a tensor. */
export function nameToKey(name: string): Uint8Array {
  return encoder.encode(name);
}

/** Writes the index key of a tensor into an arena. */
export function nameToKeyIn(arena: Arena, name: string): Uint8Array {
  const memory = arena.open(MAX_BYTES_PER_UNIT * name.length);
  return arena.close(arena.start + encoder.encodeInto(name, memory.subarray(arena.start)).written);
}

/** Returns the name of the tensor with this index key, or `undefined` if the key is not valid UTF-8. */
export function keyToName(key: Uint8Array): string | undefined {
  try {
    return decoder.decode(key);
  } catch {
    return undefined;
  }
}
