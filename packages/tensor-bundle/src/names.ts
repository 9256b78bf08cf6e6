import type { Arena } from "@tfsaver/core/coding";
import { shardFilename } from "@tfsaver/storage";

/** The index file of a checkpoint. */
export function indexFilename(prefix: string): string {
  return `${prefix}.index`;
}

/** Data file `shard` of `numShards`, counted from 0 (TensorFlow's `DataFilename`). */
export function dataFilename(prefix: string, shard: number, numShards: number): string {
  return shardFilename(`${prefix}.data`, shard, numShards);
}

/**
 * Where the index of a checkpoint that replaces an older one waits for its data files: TensorFlow's form of a temporary
 * name, with a number that `temporarySuffix` never gives. See `commitBundle`.
 */
export function stagedIndexFilename(prefix: string): string {
  return `${indexFilename(prefix)}.tempstate0`;
}

/** Where a data file of this final name waits meanwhile; as long, so that it fits wherever that does. */
export function stagedDataFilename(dataFilename: string): string {
  return dataFilename.replace(/\.data(?=-\d{5,}-of-\d{5,}$)/, ".temp");
}

/** The key of the header, before every name. */
export const HEADER_KEY: Uint8Array = new Uint8Array();

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
