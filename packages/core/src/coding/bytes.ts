/** Runs of up to this many bytes are copied faster by a loop than by a call of the engine. */
const SHORT = 64;

/** Copies the bytes from `start` to `end` into `target`, from `offset` on, and returns the offset behind them. */
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

/** Joins several chunks in new memory. */
export function concatBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** True if two byte strings are the same. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
