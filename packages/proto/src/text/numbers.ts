/** Formats a double as Python's `repr` does: the fewest digits that parse to it, with an exponent from 1e16 on. */
export function printDouble(value: number): string {
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

/** Formats a 32-bit float with the fewest digits, but at least six, that parse to it. */
export function printFloat(value: number): string {
  const gives = (rounded: number) => Object.is(Math.fround(rounded), value);
  // Nine digits are enough for all floats but -0, which loses its sign.
  for (let digits = 6; digits <= 9; digits++) {
    if (!gives(Number(value.toPrecision(digits)))) continue;
    const rounded = roundToEven(value, digits);
    if (gives(rounded)) return printDouble(rounded);
  }
  return printDouble(value);
}

/** Rounds like `toPrecision`, but ties to even, as Python does. */
function roundToEven(value: number, digits: number): number {
  // Enough digits to recognize a tie: a 5 with only zeros behind it.
  const [mantissa, exponent] = value.toExponential(40).split("e") as [string, string];
  const kept = digits + mantissa.indexOf(".");
  const isTie = /[02468]50*$/.test(mantissa) && /^50*$/.test(mantissa.slice(kept));
  return Number(isTie ? `${mantissa.slice(0, kept)}e${exponent}` : value.toPrecision(digits));
}

/** Parses a token as a float: what Python's `float` accepts, with an optional `f` at the end. */
export function parseFloating(token: string): number | undefined {
  const word = token.toLowerCase();
  const sign = word.startsWith("-") ? -1 : 1;
  if (/^(?:[+-]?(?:inf|infinityf*)|-?inff)$/.test(word)) return sign * Number.POSITIVE_INFINITY;
  if (/^[+-]?nanf*$/.test(word)) return Number.NaN;
  // Ambiguous: it could be octal.
  if (/^-?0\d/.test(word)) return undefined;
  const digits = word.replace(/f+$/, "");
  if (/(?:^|\D)_|_(?:\D|$)/.test(digits)) return undefined;
  const plain = digits.replaceAll("_", "");
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(plain) ? Number(plain) : undefined;
}

const DIGITS: Readonly<Record<string, RegExp>> = {
  "": /^(?:[1-9]\d*|0+)$/,
  "0b": /^[01]+$/,
  "0o": /^[0-7]+$/,
  "0x": /^[0-9a-f]+$/,
};

/** Parses a token as Python's `int(token, 0)` does. Returns `undefined` if it is malformed or has more than 64 digits. */
export function parseInteger(token: string): bigint | undefined {
  const [, sign, prefix = "", rest] = /^([+-]?)(0[box])?(.*)$/.exec(token.toLowerCase()) as string[];
  const digits = (prefix === "" ? rest : rest?.replace(/^_/, "")) as string;
  if (/^_|__|_$/.test(digits)) return undefined;
  const plain = digits.replaceAll("_", "");
  if (!DIGITS[prefix]?.test(plain)) return undefined;
  const short = plain.replace(/^0+/, "");
  if (short.length > 64) return undefined;
  const value = BigInt(`${prefix}${short || "0"}`);
  return sign === "-" ? -value : value;
}

/** Parses an integer as {@link parseInteger} does, but as octal if it starts with 0, as in C. */
export function parseIntegerOrOctal(token: string): bigint | undefined {
  return parseInteger(token.replace(/^(-?)0(?=\d+$)/, "$10o"));
}
