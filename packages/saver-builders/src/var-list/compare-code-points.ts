/** Compares strings as Python does, by code point. JavaScript compares UTF-16 units, which sorts rare characters first. */
export function compareCodePoints(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return (a.codePointAt(at) ?? -1) - (b.codePointAt(at) ?? -1);
}
