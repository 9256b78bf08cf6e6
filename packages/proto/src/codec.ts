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
