import { DataLossError, ValueError } from "@tfsaver/core";
import runtime, { type Reader, type Writer } from "./generated/runtime.js";

/** Turns one kind of message into bytes and back. */
export interface MessageCodec<T> {
  /** A message with every field empty, apart from those in `fields`. */
  create(fields?: Partial<T>): T;
  /**
   * The message's bytes: fields in order of their numbers, empty ones left out, maps sorted by key, so that equal
   * messages give equal bytes.
   */
  encode(message: T): Uint8Array;
  /**
   * The message that `bytes` hold. Fields that are not known are kept, and written again by `encode`.
   *
   * @throws `DataLossError` if the bytes are not such a message.
   */
  decode(bytes: Uint8Array): T;
  /** @internal */
  toWire(message: T): object;
  /** @internal */
  // biome-ignore lint/suspicious/noExplicitAny: the wire codec's objects have no usable type
  fromWire(wire: any): T;
}

interface WireType {
  encode(message: object, writer: Writer): Writer;
  decode(reader: Reader): object;
}

interface Conversions<T> {
  readonly empty: () => T;
  readonly toWire: (message: T) => object;
  // biome-ignore lint/suspicious/noExplicitAny: the wire codec's objects have no usable type
  readonly fromWire: (wire: any) => T;
}

/** A codec around one of protobufjs' wire types. */
export function codec<T>(name: string, type: WireType, conversions: Conversions<T>): MessageCodec<T> {
  return {
    create: (fields) => ({ ...conversions.empty(), ...fields }),
    encode: (message) => plainBytes(type.encode(conversions.toWire(message), new runtime.Writer()).finish()),
    decode: (bytes) => {
      const reader = new runtime.Reader(plainBytes(bytes));
      reader.discardUnknown = false;
      try {
        return conversions.fromWire(type.decode(reader));
      } catch (error) {
        throw new DataLossError(`These bytes are not a ${name}: ${(error as Error).message}`, { cause: error });
      }
    },
    toWire: conversions.toWire,
    fromWire: conversions.fromWire,
  };
}

function plainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

type Long = { readonly low: number; readonly high: number } | number;

/** A 64-bit integer of the wire codec as a bigint. */
export function fromLong(value: Long, unsigned: boolean): bigint {
  if (typeof value === "number") return BigInt(value);
  const high = BigInt(unsigned ? value.high >>> 0 : value.high);
  return (high << 32n) | BigInt(value.low >>> 0);
}

/** A signed 64-bit integer of the wire codec as a number, if it can be one exactly. */
export function fromLongSafe(value: Long, field: string): number {
  if (typeof value === "number") return value;
  const number = value.high * 2 ** 32 + (value.low >>> 0);
  if (!Number.isSafeInteger(number)) throw new DataLossError(`${field} is ${fromLong(value, false)}, beyond 2^53`);
  return number;
}

/** A bigint in the form the wire codec takes. */
export function toLong(value: bigint): Long {
  if (value < -(2n ** 63n) || value >= 2n ** 64n) throw new ValueError(`${value} does not fit into 64 bits`);
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)) };
}

/**
 * A map's entries in the order in which Python's protobuf serializes them deterministically: by the keys' UTF-8 bytes
 * (which is the order of their code points), but a key *behind* the longer ones that it is the beginning of.
 */
export function sortedEntries<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => compareKeys(a, b));
}

function compareKeys(a: string, b: string): number {
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

/** Whether a field with presence was on the wire. */
export function own(wire: object, field: string): boolean {
  return Object.hasOwn(wire, field) && (wire as Record<string, unknown>)[field] != null;
}

/** Carries the fields that are not known over to `message`. */
export function unknowns(wire: object, message: { unknownFields?: Uint8Array[] | undefined }): void {
  const { $unknowns } = wire as { $unknowns?: Uint8Array[] };
  if ($unknowns !== undefined) message.unknownFields = $unknowns;
}
