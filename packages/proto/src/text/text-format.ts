import { Message } from "./message.js";
import { parse } from "./parser.js";
import { print } from "./printer.js";
import { Schema, type SchemaData } from "./schema.js";
import { readMessage, writeMessage } from "./wire.js";

/**
 * Formats an encoded message in protobuf's text format, exactly as Python's `text_format.MessageToString` does. Unknown fields
 * are omitted, as in Python.
 *
 * @param name - full name of the message type
 *
 * @throws `DataLossError` if the bytes are not such a message.
 */
export function printText(schema: SchemaData, name: string, bytes: Uint8Array): string {
  return print(readMessage(bytes, emptyMessage(schema, name), 0));
}

/**
 * Parses a message from protobuf's text format, as Python's `text_format.Merge` does, and returns its bytes.
 *
 * @param name - full name of the message type
 * @throws `DataLossError` with line and column if the text is malformed.
 */
export function parseText(schema: SchemaData, name: string, text: string): Uint8Array {
  const message = emptyMessage(schema, name);
  parse(text, message);
  return writeMessage(message);
}

function emptyMessage(data: SchemaData, name: string): Message {
  const schema = new Schema(data);
  return new Message(schema, schema.message(name));
}
