const UNITS = ["", "K", "M", "B", "T"] as const;

/** Formats a number of things in three digits: 950, 1.23K, 86.6M, 1.5B. */
export function formatAmount(count: number): string {
  let unit = 0;
  let rest = count;
  while (rest >= 999.5 && unit < UNITS.length - 1) {
    rest /= 1000;
    unit++;
  }
  return unit === 0 ? String(count) : `${Number(rest.toPrecision(3))}${UNITS[unit]}`;
}
