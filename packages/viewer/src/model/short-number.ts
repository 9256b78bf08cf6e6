/** Formats a number with four digits: `0.001234`, `1.235e+20`; integers with all up to a billion. Undefined is a dash. */
export function shortNumber(value: number | bigint | undefined): string {
  if (value === undefined) return "–";
  if (typeof value === "bigint") return value.toLocaleString("en");
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return value.toLocaleString("en");
  return String(Number(value.toPrecision(4)));
}
