/** Maximum number of names in a message. */
export const MAX_NAMES = 20;

/** Lists names for a message: the first {@link MAX_NAMES}, and how many more there are. */
export function listNames(names: readonly string[]): string {
  return names.slice(0, MAX_NAMES).join(", ") + andMore(names.length);
}

/** Says how many of a list are not shown: ` and 30 more`, or nothing. */
export function andMore(count: number): string {
  return count > MAX_NAMES ? ` and ${count - MAX_NAMES} more` : "";
}
