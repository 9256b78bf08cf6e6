import { Message } from "./text/message.js";
import { parse } from "./text/parser.js";
import { print } from "./text/printer.js";
import { Schema, type SchemaData } from "./text/schema.js";
import { readMessage, writeMessage } from "./text/wire.js";

/**
 * The text of the message of that full name whose bytes are given, letter for letter as Python's
 * `text_format.MessageToString` gives it. Fields that are not known are left out, as they are there.
 *
 * @throws `DataLossError` if the bytes are not such a message.
 */
export function printText(schema: SchemaData, name: string, bytes: Uint8Array): string {
  return print(readMessage(bytes, emptyMessage(schema, name), 0));
}

/**
 * The bytes of the message of that full name that a text holds (Python's `text_format.Merge`).
 *
 * @throws `DataLossError` with line and column if the text is not one.
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
