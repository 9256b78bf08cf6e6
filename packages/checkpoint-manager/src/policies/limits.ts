import { ValueError } from "@tfsaver/core";

/** @throws `ValueError` unless `value` is a number above 0. */
export function requirePositive(value: number, what: string): void {
  if (typeof value !== "number" || !(value > 0)) throw new ValueError(`${what} must be above 0, not ${value}`);
}
