/** Formats a number for a person, with up to four digits; integers whole. */
export function shortNumber(value: number | bigint | undefined): string {
  if (value === undefined) return "-";
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

/** Parses an option that takes a whole number of a range; undefined if it is none. */
export function wholeNumber(text: string, least: number, greatest: number): number | undefined {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= greatest ? value : undefined;
}
