import type { Arena } from "@tfsaver/core/coding";

/** The key of the header, before every name. */
export const HEADER_KEY = new Uint8Array();

/** Bytes that a code unit of UTF-16 takes in UTF-8 at the most. */
const MOST_OF_A_CODE_UNIT = 3;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The index key of a tensor. */
export function nameToKey(name: string): Uint8Array {
  return encoder.encode(name);
}

/** The same in memory of an arena. */
export function nameToKeyIn(arena: Arena, name: string): Uint8Array {
  const memory = arena.open(MOST_OF_A_CODE_UNIT * name.length);
  return arena.close(arena.start + encoder.encodeInto(name, memory.subarray(arena.start)).written);
}

/** The tensor that an index key names, or `undefined` if the key is not text and so names none. */
export function keyToName(key: Uint8Array): string | undefined {
  try {
    return decoder.decode(key);
  } catch {
    return undefined;
  }
}

/** Keys of the slices of partitioned tensors start with this byte, and no tensor name does. */
export const SLICE_KEY_MARK = 0;
