import { bfloat16Bits, bfloat16ToNumber, type DType, float16Bits, float16ToNumber } from "@tfsaver/core";

/** Maximum number of digits after the decimal point. */
const PRECISION = 8;

/** Rounds a number to the precision of a dtype. */
type Rounding = (value: number) => number;

const ROUNDING: Partial<Record<DType, Rounding>> = {
  float32: Math.fround,
  complex64: Math.fround,
  float16: (value) => float16ToNumber(float16Bits(value)),
  bfloat16: (value) => bfloat16ToNumber(bfloat16Bits(value)),
};

/**
 * Numbers from here on are shown with an exponent: dtypes of few digits cannot represent the last ones of a large
 * number.
 */
const LARGE: Partial<Record<DType, number>> = { float32: 1e6, complex64: 1e6, float16: 1e3, bfloat16: 1e3 };

/** Returns the number with the fewest digits that rounds to `value` in the dtype. */
function shortest(value: number, dtype: DType): number {
  const round = ROUNDING[dtype];
  if (round === undefined || value === 0) return value;
  for (let digits = 1; digits < 17; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (round(candidate) === value) return candidate;
  }
  return value;
}

/** Formats a single number: `0.1`, `1e-07`, `nan`. */
export function formatNumber(value: number, dtype: DType): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const short = shortest(value, dtype);
  const magnitude = Math.abs(short);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= (LARGE[dtype] ?? 1e16))) {
    return short.toExponential().replace(/\d+$/, (exponent) => exponent.padStart(2, "0"));
  }
  const text = Object.is(short, -0) ? "-0" : String(short);
  return text.includes(".") ? text : `${text}.0`;
}

/** Makes a formatter that gives all of `values` the same width and style, for the columns of a table. */
export function floatFormatter(values: readonly number[], dtype: DType, sign = ""): (value: number) => string {
  const finite = values.filter(Number.isFinite);
  const magnitudes = finite.filter((value) => value !== 0).map(Math.abs);
  const largest = greatest(magnitudes);
  const smallest = -greatest(magnitudes.map((value) => -value));
  const scientific =
    magnitudes.length > 0 && (largest >= (LARGE[dtype] ?? 1e8) || smallest < 1e-4 || largest / smallest > 1000);
  const style = scientific ? scientificStyle(finite, dtype) : undefined;
  const textOf = (value: number) => {
    const text = style !== undefined ? scientificText(value, dtype, style) : plain(shortest(value, dtype), value);
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

/** Returns the largest value; 0 if there is none. */
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

/** Formats without an exponent, and with a point: `0.33333334`, `1.`, `-0.`. */
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

/** Number of digits of the fraction and of the exponent, the same for all numbers of a column. */
interface ScientificStyle {
  readonly fraction: number;
  readonly exponent: number;
}

function scientificStyle(values: readonly number[], dtype: DType): ScientificStyle {
  const parts = values.map((value) => scientificParts(shortest(value, dtype).toExponential()));
  return {
    fraction: Math.min(PRECISION, greatest(parts.map(({ fraction }) => fraction.length))),
    exponent: greatest([2, ...parts.map(({ exponent }) => exponent.length)]),
  };
}

function scientificText(value: number, dtype: DType, style: ScientificStyle): string {
  const short = scientificParts(shortest(value, dtype).toExponential());
  // Digits beyond the shortest representation are those of the exact value.
  const exact = short.fraction.length === style.fraction ? short : scientificParts(value.toExponential(style.fraction));
  const { sign, integer, fraction, exponentSign, exponent } = exact;
  const minus = Object.is(value, -0) ? "-" : sign;
  return `${minus}${integer}.${fraction}e${exponentSign}${exponent.padStart(style.exponent, "0")}`;
}

function scientificParts(text: string) {
  const [, sign = "", integer = "", fraction = "", exponentSign = "", exponent = ""] =
    /^(-?)(\d)\.?(\d*)e([+-])(\d+)$/.exec(text) ?? [];
  return { sign, integer, fraction, exponentSign, exponent };
}
