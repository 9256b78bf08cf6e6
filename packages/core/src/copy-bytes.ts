/** Fewer bytes than this are copied faster here than by a call of the engine. */
const SHORT = 64;

/** Copies the bytes from `start` to `end` of one run into another, from `offset` on, and gives the offset behind them. */
export function copyBytes(
  source: Uint8Array,
  target: Uint8Array,
  offset: number,
  start = 0,
  end = source.length,
): number {
  const length = end - start;
  if (length > SHORT) target.set(length === source.length ? source : source.subarray(start, end), offset);
  else for (let i = 0; i < length; i++) target[offset + i] = source[start + i] as number;
  return offset + length;
}
