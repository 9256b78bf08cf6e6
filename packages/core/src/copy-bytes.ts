/** Fewer bytes than this are copied faster here than by a call of the engine. */
const SHORT = 64;

/** Copies the first `length` bytes of one run into another, from `offset` on, and gives the offset behind them. */
export function copyBytes(source: Uint8Array, target: Uint8Array, offset: number, length = source.length): number {
  if (length > SHORT) target.set(length === source.length ? source : source.subarray(0, length), offset);
  else for (let i = 0; i < length; i++) target[offset + i] = source[i] as number;
  return offset + length;
}
