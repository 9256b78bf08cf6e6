import { ValueError } from "@tfsaver/core";

/** Throws a `ValueError` unless `seconds` is a number. `Infinity`, for an unknown time, is allowed. */
export function requireTime(seconds: number, what: string): void {
  if (typeof seconds !== "number" || Number.isNaN(seconds)) {
    throw new ValueError(`${what} must be a number of seconds, not ${seconds}`);
  }
}

/** Latest time that a JavaScript date can hold, in seconds since 1970. */
const LAST_DATE = 8.64e12;

/** Formats seconds since 1970 as an ISO 8601 date. */
export function formatTime(seconds: number): string {
  if (!(Math.abs(seconds) <= LAST_DATE)) return `${seconds} s`;
  return new Date(seconds * 1000).toISOString();
}
