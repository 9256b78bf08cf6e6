const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/**
 * Formats a number of bytes for a person: `580 B`, `1.4 KiB`, `97.7 MiB`.
 *
 * @example
 * ```ts
 * import { formatBytes } from "@tfsaver/checkpoint-tools/printing";
 *
 * console.log(formatBytes(1536)); // 1.5 KiB
 * ```
 */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  // A value that rounds to 1024 is shown as 1 of the next unit.
  while (Number(value.toFixed(1)) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Formats a count with its noun: `1 tensor`, `15 tensors`, `1,000 tensors`. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  // `toLocaleString` would load tables, which takes longer than a whole command.
  const grouped = String(count).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${grouped} ${count === 1 ? noun : plural}`;
}
