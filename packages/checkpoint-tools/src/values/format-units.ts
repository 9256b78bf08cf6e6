const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/**
 * A number of bytes for a person: `580 B`, `1.4 KiB`, `97.7 MiB`.
 *
 * @example
 * ```ts
 * formatBytes(1536); // "1.5 KiB"
 * ```
 */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  // What would be rounded to 1024 is one of the next unit.
  while (Number(value.toFixed(1)) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** A count with its noun: `1 tensor`, `15 tensors`. Groups of three digits are set apart. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  // `toLocaleString` loads tables that take a command longer than all it does.
  const grouped = String(count).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${grouped} ${count === 1 ? noun : plural}`;
}
