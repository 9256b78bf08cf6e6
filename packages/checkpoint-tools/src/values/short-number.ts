/**
 * Formats a number for a person, with up to four digits; integers whole. Undefined is a dash.
 *
 * @example
 * ```ts
 * import { shortNumber } from "@tfsaver/checkpoint-tools/printing";
 *
 * console.log(shortNumber(2 / 3)); // 0.6667
 * ```
 */
export function shortNumber(value: number | bigint | undefined): string {
  if (value === undefined) return "-";
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}
