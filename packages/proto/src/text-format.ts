import { DataLossError } from "@tfsaver/core";

/** How a message's fields are spelled in text, in the order of their numbers. */
export type TextFields<T> = {
  readonly [K in keyof T]?: {
    readonly name: string;
    readonly type: "string" | "double";
    readonly repeated: boolean;
  };
};

type Message = Record<string, unknown>;
type Scalar = string | number;

/** Protobuf's text format of a message of scalar fields; empty fields are left out. */
export function printText<T extends object>(message: T, fields: TextFields<T>): string {
  const lines: string[] = [];
  for (const [key, field] of fieldEntries(fields)) {
    const value = (message as Message)[key];
    const values = field.repeated ? (value as Scalar[]) : isEmpty(value as Scalar) ? [] : [value as Scalar];
    for (const item of values) lines.push(`${field.name}: ${printScalar(item)}\n`);
  }
  return lines.join("");
}

function fieldEntries<T>(fields: TextFields<T>) {
  return Object.entries(fields) as [string, { name: string; type: "string" | "double"; repeated: boolean }][];
}

function isEmpty(value: Scalar): boolean {
  return value === "" || Object.is(value, 0);
}

function printScalar(value: Scalar): string {
  return typeof value === "string" ? `"${escapeText(value)}"` : printDouble(value);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "'": "\\'",
  "\\": "\\\\",
};

function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  return text.replace(/["'\\\u0000-\u001f\u007f]/g, (char) => {
    return ESCAPES[char] ?? `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
}

/** A double as Python's `repr` writes it: the fewest digits that give it back, an exponent from 1e16 on. */
function printDouble(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [mantissa, exponentText] = Math.abs(value).toExponential().split("e") as [string, string];
  const digits = mantissa.replace(".", "");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const point = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const power = `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
    return `${sign}${digits[0]}${point}e${power}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

/**
 * Reads a text into `target`. Comments, either kind of quotes, strings in several pieces, separators (`,` `;`) and the
 * short form of lists (`[1, 2]`) are understood; a field given twice takes the last value. What is understood, down to
 * unknown escapes and numbers such as `1_000f`, is what Python's parser understands.
 */
export function parseText<T extends object>(text: string, fields: TextFields<T>, target: T): void {
  const byName = new Map(fieldEntries(fields).map(([key, field]) => [field.name, { key, ...field }]));
  const tokens = new Tokens(text);
  while (!tokens.atEnd()) {
    const name = tokens.identifier();
    const field = byName.get(name);
    if (field === undefined) throw tokens.error(`there is no field "${name}"`);
    tokens.expect(":");
    const read = () => (field.type === "string" ? tokens.string() : tokens.number());
    const message = target as Message;
    if (!field.repeated) message[field.key] = read();
    else if (tokens.accept("[")) {
      if (!tokens.accept("]")) {
        do (message[field.key] as Scalar[]).push(read());
        while (tokens.accept(","));
        tokens.expect("]");
      }
    } else (message[field.key] as Scalar[]).push(read());
    if (!tokens.accept(",")) tokens.accept(";");
  }
}

const NUMBER_TOKEN = /(?:[0-9+-]|\.[0-9])[0-9A-Za-z_.+-]*|[A-Za-z_][0-9A-Za-z_+-]*/y;
/** What Python's `float` takes, apart from infinities; no leading zeros, which could be meant as octal. */
const DECIMAL = (() => {
  const digits = String.raw`\d+(?:_\d+)*`;
  return new RegExp(`^(?!-?0\\d)[+-]?(?:${digits}(?:\\.(?:${digits})?)?|\\.${digits})(?:e[+-]?${digits})?$`);
})();
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
/** Python's idea of space, which unlike JavaScript's has no byte order mark, but four separators and NEL. */
const SPACE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: some control characters are space
  /(?:[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|#[^\n]*)*/y;

class Tokens {
  #at = 0;

  constructor(private readonly text: string) {
    this.#skipSpace();
  }

  atEnd(): boolean {
    return this.#at >= this.text.length;
  }

  identifier(): string {
    const name = this.#match(IDENTIFIER);
    if (name === undefined) throw this.error("expected a field name");
    return name;
  }

  accept(char: string): boolean {
    if (this.text[this.#at] !== char) return false;
    this.#at++;
    this.#skipSpace();
    return true;
  }

  expect(char: string): void {
    if (!this.accept(char)) throw this.error(`expected "${char}"`);
  }

  number(): number {
    const start = this.#at;
    const word = (this.#match(NUMBER_TOKEN) ?? "").toLowerCase();
    const sign = word.startsWith("-") ? -1 : 1;
    if (/^[+-]?inf(?:inity)?f?$/.test(word)) return sign * Number.POSITIVE_INFINITY;
    if (/^[+-]?nanf?$/.test(word)) return Number.NaN;
    const digits = word.replace(/f+$/, "");
    if (DECIMAL.test(digits)) return Number(digits.replaceAll("_", ""));
    this.#at = start;
    throw this.error("expected a number");
  }

  /** One or more quoted pieces, put together. */
  string(): string {
    const bytes: number[] = [];
    let quote = this.text[this.#at];
    if (quote !== '"' && quote !== "'") throw this.error("expected a string in quotes");
    for (; quote === '"' || quote === "'"; quote = this.text[this.#at]) {
      this.#at++;
      this.#quoted(quote, bytes);
      this.#skipSpace();
    }
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
    } catch {
      throw this.error("a string is not valid UTF-8");
    }
  }

  #quoted(quote: string, out: number[]): void {
    for (;;) {
      const char = this.text[this.#at];
      if (char === undefined || char === "\n") throw this.error("a string has no end");
      if (char === quote) {
        this.#at++;
        return;
      }
      if (char === "\\") {
        this.#at++;
        this.#escape(out);
      } else {
        const point = String.fromCodePoint(this.text.codePointAt(this.#at) as number);
        out.push(...new TextEncoder().encode(point));
        this.#at += point.length;
      }
    }
  }

  #escape(out: number[]): void {
    const octal = this.#match(/[0-7]{1,3}/y, false);
    const hex = octal === undefined ? this.#match(/x[0-9a-fA-F]{1,2}/y, false) : undefined;
    if (octal !== undefined || hex !== undefined) {
      const byte = octal === undefined ? Number.parseInt((hex as string).slice(1), 16) : Number.parseInt(octal, 8);
      if (byte > 0xff) throw this.error("an escape is beyond one byte");
      out.push(byte);
      return;
    }
    const unicode = this.#match(/u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}/y, false);
    if (unicode !== undefined) {
      const point = Number.parseInt(unicode.slice(1), 16);
      if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) throw this.error("an escape is not a character");
      out.push(...new TextEncoder().encode(String.fromCodePoint(point)));
      return;
    }
    const char = this.text[this.#at] ?? "";
    if (char === "x" || char === "u" || char === "U") throw this.error("an escape lacks its digits");
    const simple = "abfnrtv\\'\"".indexOf(char || " ");
    // Like Python, keep the backslash where it escapes nothing.
    if (simple < 0) out.push(0x5c);
    else {
      out.push("\x07\b\f\n\r\t\v\\'\"".charCodeAt(simple));
      this.#at++;
    }
  }

  error(problem: string): DataLossError {
    const before = this.text.slice(0, this.#at).split("\n");
    const column = (before.at(-1) as string).length + 1;
    return new DataLossError(`line ${before.length}, column ${column}: ${problem}`, { offset: this.#at });
  }

  #match(pattern: RegExp, spaceAfter = true): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    if (spaceAfter) this.#skipSpace();
    return found;
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.text)?.[0].length ?? 0;
  }
}
