import { DataLossError } from "@tfsaver/core";
import { toLong } from "../codec.js";
import { fromLong, type Long } from "../decoder.js";
import decoding from "../generated/runtime.decode.js";
import encoding from "../generated/runtime.encode.js";
import { sortedEntries } from "../map-order.js";
import { is64Bit, isAbsent, isUnsigned, Message, type Value } from "./message.js";
import type { Field } from "./schema.js";

/** How a field of each type is put on the wire. */
export const WIRE_TYPES = {
  bool: 0,
  bytes: 2,
  double: 1,
  enum: 0,
  fixed64: 1,
  float: 5,
  int32: 0,
  int64: 0,
  message: 2,
  sint64: 0,
  string: 2,
  uint32: 0,
  uint64: 0,
} as const;

const DELIMITED = 2;

/** How deep messages may be in messages: the limit of protobuf's binary parsers. */
export const DEPTH_LIMIT = 100;

type ScalarReader = Record<string, () => string | number | boolean | Uint8Array | Long>;

/** protobufjs' reader, as far as it is used here; with a method for each scalar type. */
interface Reader {
  readonly pos: number;
  readonly len: number;
  tag(): number;
  bytes(): Uint8Array;
  skipType(wireType: number, depth: number, number: number): void;
}

/** protobufjs' writer, as far as it is used here; with a method for each scalar type. */
interface Writer {
  uint32(value: number): Writer;
  bytes(value: Uint8Array): Writer;
  fork(): Writer;
  ldelim(): Writer;
  finish(): Uint8Array;
}

/** Reads bytes into a message, which is `depth` messages deep in another. */
export function readMessage(bytes: Uint8Array, message: Message, depth: number): Message {
  try {
    read(bytes, message, depth);
  } catch (error) {
    throw new DataLossError(`These bytes are not a ${message.type.name}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return message;
}

function read(bytes: Uint8Array, message: Message, depth: number): void {
  if (depth > DEPTH_LIMIT) throw new Error("max depth exceeded");
  const reader: Reader = new decoding.Reader(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    const field = message.type.byNumber.get(tag >>> 3);
    const wireType = field && WIRE_TYPES[field.type];
    if (field !== undefined && wireType === (tag & 7)) message.put(field, readValue(reader, field, message, depth));
    else if (field?.repeated && wireType !== DELIMITED && (tag & 7) === DELIMITED) {
      const packed: Reader = new decoding.Reader(reader.bytes());
      while (packed.pos < packed.len) message.put(field, readValue(packed, field, message, depth));
    } else reader.skipType(tag & 7, depth, tag >>> 3);
  }
}

function readValue(reader: Reader, field: Field, message: Message, depth: number): Value {
  if (field.type === "message") {
    const inner = message.messageFor(field);
    read(reader.bytes(), inner, depth + 1);
    return inner;
  }
  const value = (reader as Reader & ScalarReader)[methodFor(field, "stringVerify")]?.() as Exclude<Value, Message>;
  return is64Bit(field) ? fromLong(value as unknown as Long, isUnsigned(field)) : value;
}

function methodFor({ type }: Field, string: string): string {
  if (type === "enum") return "int32";
  return type === "string" ? string : type;
}

/** A message's bytes, as Python's deterministic serialization gives them. */
export function writeMessage(message: Message): Uint8Array {
  const writer: Writer = new encoding.Writer();
  write(writer, message);
  return writer.finish();
}

function write(writer: Writer, message: Message): void {
  for (const field of message.type.fields) {
    if (field.map) {
      for (const [, entry] of sortedEntries(message.entries(field))) {
        writer.uint32((field.number << 3) | DELIMITED).fork();
        // An entry's key and value are written even if they are empty.
        for (const part of entry.type.fields) writeField(writer, part, entry.all(part));
        writer.ldelim();
      }
    } else {
      const values = message.all(field).filter((value) => !isAbsent(field, value));
      if (values.length > 0) writeField(writer, field, values);
    }
  }
}

function writeField(writer: Writer, field: Field, values: readonly Value[]): void {
  const wireType = WIRE_TYPES[field.type];
  if (field.repeated && wireType !== DELIMITED) {
    writer.uint32((field.number << 3) | DELIMITED).fork();
    for (const value of values) writeValue(writer, field, value);
    writer.ldelim();
    return;
  }
  for (const value of values) {
    writer.uint32((field.number << 3) | wireType);
    writeValue(writer, field, value);
  }
}

function writeValue(writer: Writer, field: Field, value: Value): void {
  if (value instanceof Message) {
    writer.fork();
    write(writer, value);
    writer.ldelim();
    return;
  }
  const scalar = typeof value === "bigint" ? toLong(value) : value;
  (writer as Writer & Record<string, (value: unknown) => void>)[methodFor(field, "string")]?.(scalar);
}
