/** A double as Python's `repr` writes it: the fewest digits that give it back, an exponent from 1e16 on. */
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

/** A float of 32 bits with the fewest digits, but six at least, that give it back as one. */
export function printFloat(value: number): string {
  const gives = (rounded: number) => Object.is(Math.fround(rounded), value);
  // Nine digits are enough for all but -0, whose sign gets lost.
  for (let digits = 6; digits <= 9; digits++) {
    if (!gives(Number(value.toPrecision(digits)))) continue;
    const rounded = roundToEven(value, digits);
    if (gives(rounded)) return printDouble(rounded);
  }
  return printDouble(value);
}

/** Like `toPrecision`, but of two that are equally near takes the one with an even digit, as Python does. */
function roundToEven(value: number, digits: number): number {
  // Enough digits to tell a 5 with nothing behind it from others: a float that ends in one has ten of them at most.
  const [mantissa, exponent] = value.toExponential(40).split("e") as [string, string];
  const kept = digits + mantissa.indexOf(".");
  const isTie = /[02468]50*$/.test(mantissa) && /^50*$/.test(mantissa.slice(kept));
  return Number(isTie ? `${mantissa.slice(0, kept)}e${exponent}` : value.toPrecision(digits));
}

/** The number that a token of a float or double means: what Python's `float` takes, or that with `f` behind it. */
export function parseFloating(token: string): number | undefined {
  const word = token.toLowerCase();
  const sign = word.startsWith("-") ? -1 : 1;
  if (/^(?:[+-]?(?:inf|infinityf*)|-?inff)$/.test(word)) return sign * Number.POSITIVE_INFINITY;
  if (/^[+-]?nanf*$/.test(word)) return Number.NaN;
  // Could be meant as octal.
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

/** The integer that a token means to Python's `int(token, 0)`. Undefined too if it has no room in 64 bits anyway. */
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

/** Like {@link parseInteger}, but octal if there is a 0 in front, as in C. */
export function parseIntegerOrOctal(token: string): bigint | undefined {
  return parseInteger(token.replace(/^(-?)0(?=\d+$)/, "$10o"));
}
