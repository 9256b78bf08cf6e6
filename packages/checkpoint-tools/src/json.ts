import { numElements, type Shape, type Tensor } from "@tfsaver/core";
import { type Element, elementReader } from "./elements.js";
import { utf8Text } from "./text.js";

/** Characters after which a piece of text is handed on. */
const PIECE = 1 << 16;

/**
 * A tensor's value as JSON text, in pieces, so that none of it need be in memory as a whole: nested arrays, one level
 * per dimension, and a bare value for a scalar, as `tolist()` of NumPy gives them. What JSON has no form for:
 *
 * | element | JSON |
 * | --- | --- |
 * | a 64-bit integer beyond the safe integers (±2^53 - 1) | its digits as text: `"9223372036854775807"` |
 * | NaN, infinities | `"NaN"`, `"Infinity"`, `"-Infinity"` |
 * | a complex number | `[real, imaginary]` |
 * | a string that is valid UTF-8 | text |
 * | a string that is not | `{"base64": "…"}` |
 */
export function* tensorToJson(tensor: Tensor): Generator<string, void, undefined> {
  const read = elementReader(tensor);
  let piece = "";
  for (const token of tokens(tensor.shape, read)) {
    piece += token;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}

function* tokens(shape: Shape, read: (index: number) => Element): Generator<string, void, undefined> {
  if (numElements(shape) === 0) {
    yield emptyJson(shape);
    return;
  }
  const dims = shape.length;
  // Elements between one bracket and the next, for every level of brackets.
  const strides = shape.map((_, axis) => numElements(shape.slice(axis)));
  const opened = (index: number) => strides.filter((stride) => index % stride === 0).length;
  const total = numElements(shape);
  for (let index = 0; index < total; index++) {
    const brackets = dims === 0 ? 0 : opened(index);
    if (index > 0) yield `${"]".repeat(brackets)},`;
    yield "[".repeat(brackets) + elementJson(read(index));
  }
  yield "]".repeat(dims);
}

/** The arrays around nothing: `[[],[]]` for the shape `[2,0]`. */
function emptyJson([size, ...rest]: Shape): string {
  if (size === undefined || size === 0) return "[]";
  return `[${Array.from({ length: size }, () => emptyJson(rest)).join(",")}]`;
}

function elementJson(element: Element): string {
  switch (typeof element) {
    case "number":
      return numberJson(element);
    case "bigint":
      return Number.isSafeInteger(Number(element)) ? String(element) : `"${element}"`;
    case "boolean":
      return String(element);
    default:
      return element instanceof Uint8Array ? stringJson(element) : `[${element.map(numberJson).join(",")}]`;
  }
}

function numberJson(value: number): string {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

function stringJson(bytes: Uint8Array): string {
  const text = utf8Text(bytes);
  return JSON.stringify(text ?? { base64: base64(bytes) });
}

function base64(bytes: Uint8Array): string {
  const step = 0x8000 - (0x8000 % 3);
  let out = "";
  for (let at = 0; at < bytes.length; at += step) {
    out += btoa(String.fromCharCode(...bytes.subarray(at, at + step)));
  }
  return out;
}
