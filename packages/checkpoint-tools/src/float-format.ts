import { bfloat16Bits, bfloat16ToNumber, type DType, float16Bits, float16ToNumber } from "@tfsaver/core";

/** Digits behind the point, at most. */
const PRECISION = 8;

/** Rounds a number to what a dtype can hold. */
type Rounding = (value: number) => number;

const ROUNDING: Partial<Record<DType, Rounding>> = {
  float32: Math.fround,
  complex64: Math.fround,
  float16: (value) => float16ToNumber(float16Bits(value)),
  bfloat16: (value) => bfloat16ToNumber(bfloat16Bits(value)),
};

/** The double with the fewest digits that is still this number once it is rounded to the dtype. */
function shortest(value: number, dtype: DType): number {
  const round = ROUNDING[dtype];
  if (round === undefined || value === 0) return value;
  for (let digits = 1; digits < 17; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (round(candidate) === value) return candidate;
  }
  return value;
}

/** A number on its own: `0.1`, `1e-07`, `nan`. */
export function formatNumber(value: number, dtype: DType): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const short = shortest(value, dtype);
  const magnitude = Math.abs(short);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) return exponential(short.toExponential());
  const text = plain(short, value);
  return text.endsWith(".") ? `${text}0` : text;
}

/** A formatter that gives all of `values` the same width and the same style, as columns of a table need. */
export function floatFormatter(values: readonly number[], dtype: DType, sign = ""): (value: number) => string {
  const finite = values.filter(Number.isFinite);
  const magnitudes = finite.filter((value) => value !== 0).map(Math.abs);
  const largest = greatest(magnitudes);
  const smallest = -greatest(magnitudes.map((value) => -value));
  const scientific = magnitudes.length > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000);
  const digits = scientific ? scientificDigits(finite, dtype) : 0;
  const textOf = (value: number) => {
    const text = scientific ? scientificText(value, dtype, digits) : plain(shortest(value, dtype), value);
    return text.startsWith("-") ? text : sign + text;
  };
  const texts = finite.map(textOf);
  const left = greatest(texts.map((text) => text.indexOf(".")));
  const right = greatest(texts.map((text) => text.length - text.indexOf(".")));
  const others = values.filter((value) => !Number.isFinite(value)).map((value) => withSign(notFinite(value), sign));
  const width = greatest([left + right, ...others.map((text) => text.length)]);
  return (value) => {
    if (!Number.isFinite(value)) return withSign(notFinite(value), sign).padStart(width);
    const text = textOf(value);
    return `${text.slice(0, text.indexOf(".")).padStart(width - right)}${text.slice(text.indexOf(".")).padEnd(right)}`;
  };
}

/** The largest of any number of values; of none, 0. */
function greatest(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => Math.max(a, b));
}

function notFinite(value: number): string {
  if (Number.isNaN(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

function withSign(text: string, sign: string): string {
  return text.startsWith("-") ? text : sign + text;
}

/** Without an exponent, and with a point: `0.33333334`, `1.`, `-0.`. */
function plain(short: number, exact: number): string {
  const text = Object.is(short, -0) ? "-0" : String(short);
  const point = text.indexOf(".");
  if (point < 0) return `${text}.`;
  if (text.length - point - 1 <= PRECISION) return text;
  return trimZeros(exact.toFixed(PRECISION));
}

function trimZeros(text: string): string {
  return text.replace(/0+$/, "");
}

function scientificDigits(values: readonly number[], dtype: DType): number {
  return greatest(values.map((value) => fractionOf(scientificShort(value, dtype)).length));
}

function scientificText(value: number, dtype: DType, digits: number): string {
  const text = scientificShort(value, dtype);
  const [mantissa = "", exponent = ""] = text.split("e");
  const fraction = fractionOf(text);
  return exponential(`${mantissa.split(".")[0]}.${fraction.padEnd(digits, "0")}e${exponent}`);
}

function scientificShort(value: number, dtype: DType): string {
  const text = (Object.is(value, -0) ? "-" : "") + shortest(value, dtype).toExponential();
  if (fractionOf(text).length <= PRECISION) return text;
  const [mantissa = "", exponent = ""] = value.toExponential(PRECISION).split("e");
  return `${trimZeros(mantissa)}e${exponent}`;
}

function fractionOf(text: string): string {
  return /\.(\d*)/.exec(text)?.[1] ?? "";
}

/** An exponent of two digits at least. */
function exponential(text: string): string {
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}
