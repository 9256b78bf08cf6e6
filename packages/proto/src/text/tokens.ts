import { DataLossError } from "@tfsaver/core";
import { concatBytes } from "@tfsaver/core/coding";
import { unescapeBytes } from "./strings.js";

const TOKEN = /[A-Za-z_][0-9A-Za-z_+-]*|(?:[0-9+-]|\.[0-9])[0-9A-Za-z_.+-]*|[\s\S]/y;
/** Python's idea of space, which unlike JavaScript's has no byte order mark, but four separators and NEL. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: some control characters are space
const SPACE = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/y;

/** Splits a text into names, numbers, strings and signs; comments and space between them count for nothing. */
export class Tokens {
  /** The token that is to be taken next: "" at the end, and of a string its quote. */
  current = "";
  #start = 0;
  #end = 0;

  constructor(private readonly text: string) {
    this.#next(0);
  }

  /** Takes the current token, whatever it is. */
  take(): string {
    const token = this.current;
    this.#next(this.#end);
    return token;
  }

  /** Takes the current token if it is `token`, and says whether it was. */
  accept(token: string): boolean {
    if (this.current !== token) return false;
    this.#next(this.#end);
    return true;
  }

  expect(token: string): void {
    if (!this.accept(token)) throw this.error(`expected "${token}"`);
  }

  /** Takes the current token, if `parse` can make something of it. */
  parse<T>(parse: (token: string) => T | undefined, what: string): T {
    const value = parse(this.current);
    if (value === undefined) throw this.error(`expected ${what}`);
    this.#next(this.#end);
    return value;
  }

  /** Takes one or more quoted strings, put together. */
  bytes(): Uint8Array {
    if (!this.#atQuote()) throw this.error("expected a string in quotes");
    const pieces: Uint8Array[] = [];
    do pieces.push(this.#quoted());
    while (this.#atQuote());
    return concatBytes(pieces);
  }

  /** Like {@link bytes}, as text. */
  string(): string {
    const start = this.#start;
    const bytes = this.bytes();
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw this.error("a string is not valid UTF-8", start);
    }
  }

  /** A problem with the current token, or with what is at `offset`. */
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
