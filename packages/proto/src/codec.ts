import { ValueError } from "@tfsaver/core";
import type { Long, MessageDecoder } from "./decoder.js";
import runtime from "./generated/runtime.encode.js";

/** Turns one kind of message into bytes and back. */
export interface MessageCodec<T> extends MessageDecoder<T> {
  /**
   * The message's bytes: fields in order of their numbers, empty ones left out, maps sorted by key, so that equal
   * messages give equal bytes. Fields that were not known when it was decoded are written again.
   */
  encode(message: T): Uint8Array;
  /** @internal */
  toWire(message: T): object;
}

/** protobufjs' writer, as far as it is used here. */
interface Writer {
  finish(): Uint8Array;
}

interface WireType {
  encode(message: object, writer: Writer): Writer;
}

/** A codec of a decoder and the encoding half of one of protobufjs' wire types. */
export function codec<T>(decoder: MessageDecoder<T>, type: WireType, toWire: (message: T) => object): MessageCodec<T> {
  return {
    ...decoder,
    encode: (message) => type.encode(toWire(message), new runtime.Writer()).finish(),
    toWire,
  };
}

/** A bigint in the form the wire codec takes. */
export function toLong(value: bigint): Long {
  if (value < -(2n ** 63n) || value >= 2n ** 64n) throw new ValueError(`${value} does not fit into 64 bits`);
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)) };
}

/**
 * A map's entries in the order in which Python's protobuf serializes them deterministically: by the keys' UTF-8 bytes
 * (which is the order of their code points), but a key *behind* the longer ones that it is the beginning of. Integers
 * come in descending order.
 */
export function sortedEntries<K extends MapKey, V>(map: ReadonlyMap<K, V>): [K, V][] {
  return [...map].sort(([a], [b]) => compareKeys(a, b));
}

/** What the keys of a map may be. */
export type MapKey = string | number | bigint;

function compareKeys(a: MapKey, b: MapKey): number {
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  return a < b ? 1 : a > b ? -1 : 0;
}

function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) {
      // Surrogates stand for code points above every other UTF-16 unit.
      const start = i > 0 && isHighSurrogate(a.charCodeAt(i - 1)) ? i - 1 : i;
      return (a.codePointAt(start) as number) - (b.codePointAt(start) as number);
    }
  }
  return b.length - a.length;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}
