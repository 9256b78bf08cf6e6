/** Returns the memory for the bytes `from` to `to` (not included) of the targets together. */
export function cutTargets(targets: readonly Uint8Array[], from: number, to: number): Uint8Array[] {
  const cut: Uint8Array[] = [];
  let start = 0;
  for (const target of targets) {
    const [first, last] = [Math.max(from - start, 0), Math.min(to - start, target.length)];
    if (first < last) cut.push(target.subarray(first, last));
    start += target.length;
  }
  return cut;
}
