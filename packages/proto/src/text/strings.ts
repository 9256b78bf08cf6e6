const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "'": "\\'",
  "\\": "\\\\",
};

function escapeCode(code: number): string {
  return ESCAPES[String.fromCharCode(code)] ?? `\\${code.toString(8).padStart(3, "0")}`;
}

/** Escapes the quotes and control characters of a text. */
export function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  return text.replace(/["'\\\u0000-\u001f\u007f]/g, (char) => escapeCode(char.charCodeAt(0)));
}

const BYTES = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return byte < 0x80 ? escapeText(char) : escapeCode(byte);
});
const CHUNK = 0x10000;

/** Formats bytes as text, and escapes quotes and all bytes that are not printable ASCII. */
export function escapeBytes(bytes: Uint8Array): string {
  const pieces: string[] = [];
  // Chunks, because a string that grows byte by byte becomes a long chain of parts in the engine.
  for (let start = 0; start < bytes.length; start += CHUNK) {
    pieces.push(Array.from(bytes.subarray(start, start + CHUNK), (byte) => BYTES[byte]).join(""));
  }
  return pieces.join("");
}

const encoder = /* @__PURE__ */ new TextEncoder();
const BACKSLASH = 0x5c;
const SIMPLE = "abfnrtv\\'\"";
const MEANING = "\x07\b\f\n\r\t\v\\'\"";
const HEX = /x([0-9a-fA-F]{1,2})/y;
const UNICODE = /u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})/y;

/**
 * Parses the content of a quoted string.
 *
 * @throws the error that `error` returns for a malformed escape.
 */
export function unescapeBytes(text: string, error: (problem: string) => Error): Uint8Array {
  if (!text.includes("\\")) return encoder.encode(text);
  // A UTF-16 unit, alone or in an escape, yields at most four bytes.
  const out = new Uint8Array(4 * text.length);
  let length = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) escaped();
    else if (code < 0x80) {
      out[length++] = code;
      at++;
    } else {
      const char = String.fromCodePoint(text.codePointAt(at) as number);
      append(char);
      at += char.length;
    }
  }
  return out.slice(0, length);

  function append(char: string): void {
    length += encoder.encodeInto(char, out.subarray(length)).written;
  }

  function escaped(): void {
    const char = text[++at] ?? "";
    if (isOctal(text.charCodeAt(at))) octal();
    else if (char === "x") out[length++] = hexadecimal(HEX);
    else if (char === "u" || char === "U") {
      const point = hexadecimal(UNICODE);
      if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) throw error("an escape is not a character");
      // Python would take the backslash as the start of another escape.
      if (point === BACKSLASH) throw error("a backslash as a Unicode escape is ambiguous");
      append(String.fromCodePoint(point));
    } else if (char > "\u00ff") {
      // Python escapes the character before it looks for escapes, and the backslash in front then escapes that backslash.
      const point = text.codePointAt(at) as number;
      append(
        point > 0xffff ? `\\U${point.toString(16).padStart(8, "0")}` : `\\u${point.toString(16).padStart(4, "0")}`,
      );
      at += point > 0xffff ? 2 : 1;
    } else {
      // In Python, \N{…} is a character by name. The table of names is too large to include.
      if (char === "N") throw error("escapes of characters by name are not supported");
      const simple = SIMPLE.indexOf(char);
      // Keep a backslash that escapes nothing, as Python does.
      out[length++] = simple < 0 ? BACKSLASH : MEANING.charCodeAt(simple);
      if (simple >= 0) at++;
    }
  }

  function octal(): void {
    let byte = 0;
    for (const end = at + 3; at < end && isOctal(text.charCodeAt(at)); at++)
      byte = byte * 8 + text.charCodeAt(at) - 0x30;
    if (byte > 0xff) throw error("an escape is beyond one byte");
    out[length++] = byte;
  }

  function hexadecimal(pattern: RegExp): number {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) throw error("an escape lacks its digits");
    at += found[0].length;
    return Number.parseInt((found[1] ?? found[2]) as string, 16);
  }
}

function isOctal(code: number): boolean {
  return code >= 0x30 && code < 0x38;
}
