/**
 * Compares two keys as unsigned bytes and returns a negative number, zero or a positive one. A key comes after its own
 * beginnings.
 *
 * @param known - number of leading bytes that are known to be equal
 */
export function compareBytes(a: Uint8Array, b: Uint8Array, known = 0): number {
  const common = commonPrefixLength(a, b, known);
  if (common < a.length && common < b.length) return (a[common] as number) - (b[common] as number);
  return a.length - b.length;
}

/** Returns the number of leading bytes that two keys share. The first `known` are not compared. */
export function commonPrefixLength(a: Uint8Array, b: Uint8Array, known = 0): number {
  const length = Math.min(a.length, b.length);
  let i = known;
  while (i < length && a[i] === b[i]) i++;
  return i;
}
