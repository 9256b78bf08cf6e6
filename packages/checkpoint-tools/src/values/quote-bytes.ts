import { escapeUnsafe } from "./escape-unsafe.js";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes UTF-8; `undefined` if the bytes are not valid. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Quotes bytes for a person: valid UTF-8 as text, with quotes, backslashes and the characters of {@link escapeUnsafe}
 * escaped, and other bytes as `\xff`.
 *
 * @example
 * ```ts
 * import { quoteBytes } from "@tfsaver/checkpoint-tools/printing";
 *
 * console.log(quoteBytes(Uint8Array.of(0x68, 0x69, 0xff))); // "hi\xff"
 * ```
 */
export function quoteBytes(bytes: Uint8Array): string {
  return `"${pieces(bytes).join("")}"`;
}

function pieces(bytes: Uint8Array): string[] {
  const whole = utf8Text(bytes);
  if (whole !== undefined) return [escapeText(whole)];
  const out: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at] as number);
    const char = length === 0 ? undefined : utf8Text(bytes.subarray(at, at + length));
    out.push(char === undefined ? hexEscape(bytes[at] as number) : escapeText(char));
    at += char === undefined ? 1 : length;
  }
  return out;
}

/** Returns the length of the UTF-8 sequence that starts with this byte; 0 if none does. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

function escapeText(text: string): string {
  const ascii = text.replace(/["\\]|\p{Cc}/gu, (char) => {
    const code = char.charCodeAt(0);
    return SHORT[char] ?? (code < 0x80 ? hexEscape(code) : char);
  });
  return escapeUnsafe(ascii);
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
