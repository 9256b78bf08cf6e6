import { ValueError } from "@tfsaver/core";

/** Throws unless `value` is an integer of at least 1. */
export function requireCount(value: number, what: string): void {
  if (!Number.isInteger(value)) throw new TypeError(`${what} must be an integer, not ${value}`);
  if (value < 1) throw new ValueError(`${what} must be at least 1, not ${value}`);
}
