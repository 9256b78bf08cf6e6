/** Order of two keys as unsigned bytes: negative, zero or positive; a key comes after those it starts with. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = commonPrefixLength(a, b);
  if (common < a.length && common < b.length) return (a[common] as number) - (b[common] as number);
  return a.length - b.length;
}

/** Number of bytes at the start of two keys that are the same. */
export function commonPrefixLength(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a[i] === b[i]) i++;
  return i;
}
