import { DataLossError } from "@tfsaver/core";
import runtime from "./generated/runtime.decode.js";

/** Turns bytes into one kind of message. */
export interface MessageDecoder<T> {
  /** A message with every field empty, apart from those in `fields`. */
  create(fields?: Partial<T>): T;
  /**
   * The message that `bytes` hold. Fields that are not known are kept.
   *
   * @throws `DataLossError` if the bytes are not such a message.
   */
  decode(bytes: Uint8Array): T;
  /** @internal */
  // biome-ignore lint/suspicious/noExplicitAny: the wire codec's objects have no usable type
  fromWire(wire: any): T;
}

/** protobufjs' reader, as far as it is used here. */
interface Reader {
  discardUnknown: boolean;
}

interface WireType {
  decode(reader: Reader): object;
}

interface Conversions<T> {
  readonly empty: () => T;
  // biome-ignore lint/suspicious/noExplicitAny: the wire codec's objects have no usable type
  readonly fromWire: (wire: any) => T;
}

/** A decoder around the decoding half of one of protobufjs' wire types. */
export function decoder<T>(name: string, type: WireType, { empty, fromWire }: Conversions<T>): MessageDecoder<T> {
  return {
    create: (fields) => ({ ...empty(), ...fields }),
    decode: (bytes) => {
      const reader: Reader = new runtime.Reader(plainBytes(bytes));
      reader.discardUnknown = false;
      try {
        return fromWire(type.decode(reader));
      } catch (error) {
        throw new DataLossError(`These bytes are not a ${name}: ${(error as Error).message}`, { cause: error });
      }
    },
    fromWire,
  };
}

/** The bytes that a message shows are never a `Buffer`, whatever it was read from. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A 64-bit integer in the wire codec's form. */
export type Long = { readonly low: number; readonly high: number } | number;

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

/** Whether a field with presence was on the wire. */
export function own(wire: object, field: string): boolean {
  return Object.hasOwn(wire, field) && (wire as Record<string, unknown>)[field] != null;
}

/** Carries the fields that are not known over to `message`. */
export function unknowns(wire: object, message: { unknownFields?: Uint8Array[] | undefined }): void {
  const { $unknowns } = wire as { $unknowns?: Uint8Array[] };
  if ($unknowns !== undefined) message.unknownFields = $unknowns;
}
