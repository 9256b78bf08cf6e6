import { compareKeys } from "@tfsaver/checkpoint-proto/wire";
import { isAbsent, Message, type Value } from "./message.js";
import { printDouble, printFloat } from "./numbers.js";
import type { Field } from "./schema.js";
import { escapeBytes, escapeText } from "./strings.js";
import { readMessage } from "./wire.js";

/** Formats a message exactly as Python's `text_format.MessageToString` does. */
export function print(message: Message): string {
  const pieces: string[] = [];
  printMessage(message, 0, pieces);
  return pieces.join("");
}

function printMessage(message: Message, depth: number, pieces: string[]): void {
  if (printAny(message, depth, pieces)) return;
  for (const field of message.type.fields) {
    for (const value of valuesOf(message, field)) {
      if (isAbsent(field, value)) continue;
      const start = `${"  ".repeat(depth)}${field.name}`;
      if (value instanceof Message) printBlock(start, value, depth, pieces);
      else pieces.push(`${start}: ${printScalar(message, field, value)}\n`);
    }
  }
}

function printBlock(start: string, message: Message, depth: number, pieces: string[]): void {
  pieces.push(`${start} {\n`);
  printMessage(message, depth + 1, pieces);
  pieces.push(`${"  ".repeat(depth)}}\n`);
}

/** Prints the content of a `google.protobuf.Any`. Returns false if its type is unknown. */
function printAny(message: Message, depth: number, pieces: string[]): boolean {
  const { schema, type } = message;
  if (type.name !== "google.protobuf.Any") return false;
  const [url, bytes] = type.fields.map((field) => message.get(field)) as [string, Uint8Array];
  const inner = url.includes("/") ? schema.find(url.slice(url.lastIndexOf("/") + 1)) : undefined;
  if (inner === undefined) return false;
  const content = readMessage(bytes, new Message(schema, inner), depth + 1);
  printBlock(`${"  ".repeat(depth)}[${url}]`, content, depth, pieces);
  return true;
}

function valuesOf(message: Message, field: Field): readonly Value[] {
  if (!field.map) return message.all(field);
  return [...message.entries(field)].sort(([a], [b]) => compareKeys(a, b)).map(([, entry]) => entry);
}

function printScalar({ schema }: Message, field: Field, value: Exclude<Value, Message>): string {
  if (typeof value === "string") return `"${escapeText(value)}"`;
  if (value instanceof Uint8Array) return `"${escapeBytes(value)}"`;
  if (field.type === "float") return printFloat(value as number);
  if (field.type === "double") return printDouble(value as number);
  if (field.type === "enum") return schema.enum(field).byNumber.get(value as number) ?? String(value);
  return String(value);
}
