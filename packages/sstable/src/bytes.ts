/**
 * Order of two keys as unsigned bytes: negative, zero or positive; a key comes after those it starts with.
 *
 * @param known - number of bytes at the start that are known to be the same
 */
export function compareBytes(a: Uint8Array, b: Uint8Array, known = 0): number {
  const common = commonPrefixLength(a, b, known);
  if (common < a.length && common < b.length) return (a[common] as number) - (b[common] as number);
  return a.length - b.length;
}

/** Number of bytes at the start of two keys that are the same, of which `known` need not be looked at. */
export function commonPrefixLength(a: Uint8Array, b: Uint8Array, known = 0): number {
  const length = Math.min(a.length, b.length);
  let i = known;
  while (i < length && a[i] === b[i]) i++;
  return i;
}
