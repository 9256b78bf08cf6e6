import { ValueError } from "@tfsaver/core";

/** Refuses a time that is no number. `Infinity` is one: nobody knows when. */
export function requireTime(seconds: number, what: string): void {
  if (typeof seconds !== "number" || Number.isNaN(seconds)) {
    throw new ValueError(`${what} must be a number of seconds, not ${seconds}`);
  }
}

/** Latest moment that JavaScript's dates reach, in seconds since 1970. */
const LAST_DATE = 8.64e12;

/** Seconds since 1970 as a person reads them. */
export function formatTime(seconds: number): string {
  if (!(Math.abs(seconds) <= LAST_DATE)) return `${seconds} s`;
  return new Date(seconds * 1000).toISOString();
}
