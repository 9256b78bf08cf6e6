import { DEPTH_LIMIT } from "@tfsaver/checkpoint-proto/wire";
import { is64Bit, isUnsigned, Message, type Value } from "./message.js";
import { parseFloating, parseInteger, parseIntegerOrOctal } from "./numbers.js";
import type { Field, Schema } from "./schema.js";
import { Tokens } from "./tokens.js";
import { writeMessage } from "./wire.js";

/**
 * Parses a text into a message, as Python's `text_format.Merge` does. If a field is given twice, the last value counts;
 * messages are merged.
 */
export function parse(text: string, message: Message): void {
  const tokens = new Tokens(text);
  while (tokens.current !== "") parseField(tokens, message, 0);
}

function parseField(tokens: Tokens, message: Message, depth: number): void {
  const { type } = message;
  if (tokens.current === "[" && type.name === "google.protobuf.Any") {
    parseAny(tokens, message, depth);
    return;
  }
  if (!/^\w/.test(tokens.current)) throw tokens.error("expected a field name");
  const field = type.byName.get(tokens.current);
  if (field === undefined) throw tokens.error(`there is no field "${tokens.current.slice(0, 100)}"`);
  tokens.take();
  if (field.type === "message") tokens.accept(":");
  else tokens.expect(":");
  if (field.repeated && tokens.accept("[")) {
    if (!tokens.accept("]")) {
      do parseValue(tokens, message, field, depth);
      while (tokens.accept(","));
      tokens.expect("]");
    }
  } else parseValue(tokens, message, field, depth);
  if (!tokens.accept(",")) tokens.accept(";");
}

function parseValue(tokens: Tokens, message: Message, field: Field, depth: number): void {
  if (field.type !== "message") message.put(field, parseScalar(tokens, field, message.schema));
  else {
    const inner = message.messageFor(field);
    parseBlock(tokens, inner, depth);
    message.put(field, inner);
  }
}

/** Parses a nested message in braces. `depth` is that of the outer message. */
function parseBlock(tokens: Tokens, message: Message, depth: number): void {
  if (depth === DEPTH_LIMIT) throw tokens.error(`messages are nested more than ${DEPTH_LIMIT} levels deep`);
  const end = tokens.accept("<") ? ">" : "}";
  if (end === "}") tokens.expect("{");
  while (!tokens.accept(end)) {
    if (tokens.current === "") throw tokens.error(`expected "${end}"`);
    parseField(tokens, message, depth + 1);
  }
}

/** Parses `[prefix/full.name] { … }` into the fields of a `google.protobuf.Any`. */
function parseAny(tokens: Tokens, any: Message, depth: number): void {
  tokens.expect("[");
  const url: string[] = [];
  while (/^[\w.~ !$&()*+,;=%/-]+$/.test(tokens.current)) url.push(tokens.take());
  const [, prefix, name] = /^([^/].*)\/(.*)$/.exec(url.join("")) ?? [];
  const type = any.schema.find(name ?? "");
  if (prefix === undefined || /%(?![\da-fA-F]{2})/.test(prefix)) throw tokens.error("expected the URL of a type");
  if (type === undefined) throw tokens.error(`the type "${name}" is not known`);
  tokens.expect("]");
  tokens.accept(":");
  const inner = new Message(any.schema, type);
  parseBlock(tokens, inner, depth);
  const [typeUrl, value] = any.type.fields as [Field, Field];
  any.put(typeUrl, `${prefix}/${name}`);
  any.put(value, writeMessage(inner));
}

const BOOLS = /* @__PURE__ */ new Map([
  ...["true", "t", "1", "True"].map((token) => [token, true] as const),
  ...["false", "f", "0", "False"].map((token) => [token, false] as const),
]);

function parseScalar(tokens: Tokens, field: Field, schema: Schema): Value {
  switch (field.type) {
    case "string":
      return tokens.string();
    case "bytes":
      return tokens.bytes();
    case "bool":
      return tokens.parse((token) => BOOLS.get(token), "true or false");
    case "double":
      return tokens.parse(parseFloating, "a number");
    case "float":
      return Math.fround(tokens.parse(parseFloating, "a number"));
    case "enum":
      return tokens.parse(
        (token) => schema.enum(field).byName.get(token) ?? fit(parseInteger(token), field),
        `a value of ${field.of}`,
      );
    default:
      return tokens.parse((token) => fit(parseIntegerOrOctal(token), field), `an integer of type ${field.type}`);
  }
}

/** Returns an integer as the value of a field, or `undefined` if it does not fit. */
function fit(value: bigint | undefined, field: Field): Value | undefined {
  if (value === undefined) return undefined;
  const wrapped = (isUnsigned(field) ? BigInt.asUintN : BigInt.asIntN)(is64Bit(field) ? 64 : 32, value);
  if (wrapped !== value) return undefined;
  return is64Bit(field) ? value : Number(value);
}
