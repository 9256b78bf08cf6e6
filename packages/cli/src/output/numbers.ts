/** Parses an option that takes a whole number of a range; undefined if it is none. */
export function wholeNumber(text: string, least: number, greatest: number): number | undefined {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= greatest ? value : undefined;
}
