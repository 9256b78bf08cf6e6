import { sortedKeys, WireReader, WireWriter } from "@tfsaver/checkpoint-proto/wire";
import { DataLossError } from "@tfsaver/core";
import { isAbsent, Message, type Value } from "./message.js";
import { type Field, WIRE_TYPES } from "./schema.js";

const DELIMITED = 2;

/** Decodes bytes into a message at nesting depth `depth`. */
export function readMessage(bytes: Uint8Array, message: Message, depth: number): Message {
  try {
    read(new WireReader(bytes, depth), message);
  } catch (error) {
    throw new DataLossError(`These bytes are not a ${message.type.name}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return message;
}

function read(reader: WireReader, message: Message): void {
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    const field = message.type.byNumber.get(tag >>> 3);
    const wireType = field && WIRE_TYPES[field.type];
    if (field !== undefined && wireType === (tag & 7)) message.put(field, readValue(reader, field, message));
    else if (field?.repeated && wireType !== DELIMITED && (tag & 7) === DELIMITED) {
      const end = reader.enterList();
      while (reader.pos < reader.end) message.put(field, readValue(reader, field, message));
      reader.leaveList(end);
    } else reader.skip(tag);
  }
}

function readValue(reader: WireReader, field: Field, message: Message): Value {
  if (field.type === "message") {
    const inner = message.messageFor(field);
    const end = reader.enter();
    read(reader, inner);
    reader.leave(end);
    return inner;
  }
  return reader[field.type === "enum" ? "int32" : field.type]();
}

/** Encodes a message as Python's deterministic serialization does. */
export function writeMessage(message: Message): Uint8Array {
  const writer = new WireWriter();
  write(writer, message);
  return writer.finish();
}

function write(writer: WireWriter, message: Message): void {
  for (const field of message.type.fields) {
    if (field.map) {
      const entries = message.entries(field);
      for (const key of sortedKeys(entries)) {
        const entry = entries.get(key) as Message;
        writer.uint32((field.number << 3) | DELIMITED);
        const start = writer.enter();
        // Key and value of an entry are written even if they are empty.
        for (const part of entry.type.fields) writeField(writer, part, entry.all(part));
        writer.leave(start);
      }
    } else {
      const values = message.all(field).filter((value) => !isAbsent(field, value));
      if (values.length > 0) writeField(writer, field, values);
    }
  }
}

function writeField(writer: WireWriter, field: Field, values: readonly Value[]): void {
  const wireType = WIRE_TYPES[field.type];
  if (field.repeated && wireType !== DELIMITED) {
    writer.uint32((field.number << 3) | DELIMITED);
    const start = writer.enterList();
    for (const value of values) writeValue(writer, field, value);
    writer.leaveList(start);
    return;
  }
  for (const value of values) {
    writer.uint32((field.number << 3) | wireType);
    writeValue(writer, field, value);
  }
}

function writeValue(writer: WireWriter, field: Field, value: Value): void {
  if (value instanceof Message) {
    const start = writer.enter();
    write(writer, value);
    writer.leave(start);
    return;
  }
  // The writer has a method for each scalar type.
  const methods = writer as unknown as Record<string, (value: Exclude<Value, Message>) => void>;
  methods[field.type === "enum" ? "int32" : field.type]?.call(writer, value);
}
