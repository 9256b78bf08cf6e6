import { DataLossError } from "@tfsaver/core";
import { concatBytes } from "@tfsaver/core/coding";
import { unescapeBytes } from "./strings.js";

const TOKEN = /[A-Za-z_][0-9A-Za-z_+-]*|(?:[0-9+-]|\.[0-9])[0-9A-Za-z_.+-]*|[\s\S]/y;
/** White space as in Python: unlike JavaScript's, with four separators and NEL but without the byte order mark. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: some control characters are space
const SPACE = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/y;

/** Splits a text into names, numbers, strings and signs. Skips white space and comments. */
export class Tokens {
  /** The next token: "" at the end of the text, and for a string its quote. */
  current = "";
  #start = 0;
  #end = 0;

  constructor(private readonly text: string) {
    this.#next(0);
  }

  /** Consumes the next token and returns it. */
  take(): string {
    const token = this.current;
    this.#next(this.#end);
    return token;
  }

  /** Consumes the next token if it is `token`, and returns true if it was. */
  accept(token: string): boolean {
    if (this.current !== token) return false;
    this.#next(this.#end);
    return true;
  }

  /** Consumes the next token, which must be `token`. */
  expect(token: string): void {
    if (!this.accept(token)) throw this.error(`expected "${token}"`);
  }

  /** Consumes the next token and returns what `parse` makes of it. Fails if that is `undefined`. */
  parse<T>(parse: (token: string) => T | undefined, what: string): T {
    const value = parse(this.current);
    if (value === undefined) throw this.error(`expected ${what}`);
    this.#next(this.#end);
    return value;
  }

  /** Consumes one or more quoted strings and joins them. */
  bytes(): Uint8Array {
    if (!this.#atQuote()) throw this.error("expected a string in quotes");
    const pieces: Uint8Array[] = [];
    do pieces.push(this.#quoted());
    while (this.#atQuote());
    return concatBytes(pieces);
  }

  /** Consumes one or more quoted strings as text. */
  string(): string {
    const start = this.#start;
    const bytes = this.bytes();
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw this.error("a string is not valid UTF-8", start);
    }
  }

  /** Returns an error about the next token, or about the text at `offset`. */
  error(problem: string, offset = this.#start): DataLossError {
    const before = this.text.slice(0, offset).split("\n");
    const column = (before.at(-1) as string).length + 1;
    return new DataLossError(`line ${before.length}, column ${column}: ${problem}`, { offset });
  }

  #atQuote(): boolean {
    return this.current === '"' || this.current === "'";
  }

  #quoted(): Uint8Array {
    const quote = this.current.charCodeAt(0);
    const start = this.#end;
    for (let at = start; ; at++) {
      const code = this.text.charCodeAt(at);
      if (Number.isNaN(code) || code === 0x0a) throw this.error("a string has no end");
      if (code === quote) {
        const bytes = unescapeBytes(this.text.slice(start, at), (problem) => this.error(problem));
        this.#next(at + 1);
        return bytes;
      }
      if (code === 0x5c && this.text[at + 1] !== "\n") at++;
    }
  }

  #next(from: number): void {
    let start = from;
    for (;;) {
      SPACE.lastIndex = start;
      if (SPACE.test(this.text)) start = SPACE.lastIndex;
      if (this.text[start] !== "#") break;
      const end = this.text.indexOf("\n", start);
      start = end < 0 ? this.text.length : end;
    }
    TOKEN.lastIndex = start;
    this.current = TOKEN.exec(this.text)?.[0] ?? "";
    this.#start = start;
    this.#end = start + this.current.length;
  }
}
