const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/**
 * Formats a number of bytes for a person: `580 B`, `1.4 KiB`, `97.7 MiB`.
 *
 * @example
 * ```ts
 * import { formatBytes } from "@tfsaver/checkpoint-tools";
 *
 * formatBytes(1536); // "1.5 KiB"
 * ```
 */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  // A value that would be rounded to 1024 is 1 of the next unit.
  while (Number(value.toFixed(1)) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Formats a count with its noun: `1 tensor`, `15,000 tensors`. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  // `toLocaleString` loads tables that take a command longer than all it does.
  const grouped = String(count).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${grouped} ${count === 1 ? noun : plural}`;
}
