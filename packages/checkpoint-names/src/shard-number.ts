/** Prints a shard number, or the number of shards, as C's `%05d` does. */
export function fiveDigits(number: number): string {
  return String(number).padStart(5, "0");
}

/** Matches what {@link fiveDigits} prints for a positive `int32`: five digits, or more without a leading zero. */
export const SHARD_NUMBER = String.raw`\d{5}|[1-9]\d{5,9}`;
