import { DataLossError } from "@tfsaver/core";

/** Most values in a text, which bounds the memory that they take. The header of a tensor has about ten. */
const MAX_VALUES = 4_000_000;
const MAX_DEPTH = 100;

const OPEN = new Set([..."{["].map((char) => char.charCodeAt(0)));
const CLOSE = new Set([..."}]"].map((char) => char.charCodeAt(0)));
const [QUOTE, BACKSLASH, COMMA] = [...'"\\,'].map((char) => char.charCodeAt(0));

/**
 * Parses JSON that may come from anywhere. Counts its values and its nesting first, because a text of 64 MiB can become
 * gigabytes of empty arrays.
 *
 * @param what - the file or the part of it, for messages
 * @throws `DataLossError` if it is not a JSON object, has too many values, or text that has no bytes in UTF-8.
 */
export function parseJsonObject(bytes: Uint8Array, what: string): Readonly<Record<string, unknown>> {
  requireBounded(bytes, what);
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw new DataLossError(`${what} is damaged: it is not valid JSON`, { path: what, cause });
  }
  if (!isObject(value)) throw new DataLossError(`${what} is damaged: it is not a JSON object`, { path: what });
  if (SURROGATE_ESCAPE.test(text) && hasLoneSurrogate(value)) {
    throw new DataLossError(`${what} is damaged: it has text that is no Unicode: half a surrogate pair`, {
      path: what,
    });
  }
  return value;
}

/** The only way in which half a surrogate pair gets into JSON of valid UTF-8. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

function hasLoneSurrogate(value: unknown): boolean {
  if (typeof value === "string") return LONE_SURROGATE.test(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inner]) => LONE_SURROGATE.test(key) || hasLoneSurrogate(inner));
}

function requireBounded(bytes: Uint8Array, what: string): void {
  let [depth, values, inText] = [0, 0, false];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) inText = !inText;
    else if (inText) {
      if (byte === BACKSLASH) i++;
    } else if (byte === COMMA) values++;
    else if (OPEN.has(byte)) {
      values++;
      if (++depth > MAX_DEPTH) throw new DataLossError(`${what} is damaged: it is nested too deeply`, { path: what });
    } else if (CLOSE.has(byte)) depth--;
  }
  if (values <= MAX_VALUES) return;
  throw new DataLossError(`${what} is damaged: it has more than ${MAX_VALUES} values`, { path: what });
}

/** True for an object of JSON that is no array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns a shape from JSON; undefined if it is none, or too large to compute with. */
export function shapeFromJson(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length > 254) return undefined;
  const isShape = value.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  // A dimension of 0 must not hide a product that is too large.
  const product = value.reduce((all, dim) => all * Math.max(dim, 1), 1);
  return isShape && Number.isSafeInteger(product) && Number.isSafeInteger(product * 16) ? value : undefined;
}
