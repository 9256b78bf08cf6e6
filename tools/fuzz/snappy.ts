import { varint } from "./bytes.js";

const WINDOW = 60_000;
const LONGEST_LITERAL = 60;
const LONGEST_COPY = 64;

/** Compresses bytes in raw snappy form, greedily: as well as any hostile file needs. */
export function snappy(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + (bytes.length >> 4) + 64);
  let size = 0;
  const put = (...values: number[]) => {
    for (const value of values) out[size++] = value;
  };
  put(...varint(BigInt(bytes.length)));
  const seen = new Map<number, number>();
  let literal = 0;
  const flush = (end: number) => {
    for (; literal < end; literal += LONGEST_LITERAL) {
      const part = bytes.subarray(literal, Math.min(end, literal + LONGEST_LITERAL));
      put((part.length - 1) << 2);
      out.set(part, size);
      size += part.length;
    }
    literal = end;
  };
  for (let at = 0; at + 4 <= bytes.length; ) {
    const four = ((bytes[at] as number) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const before = seen.get(four);
    seen.set(four, at);
    if (before === undefined || at - before > WINDOW) {
      at++;
      continue;
    }
    flush(at);
    let length = 4;
    while (length < LONGEST_COPY && at + length < bytes.length && bytes[before + length] === bytes[at + length])
      length++;
    put(((length - 1) << 2) | 2, (at - before) & 0xff, (at - before) >> 8);
    at += length;
    literal = at;
  }
  flush(bytes.length);
  return out.subarray(0, size);
}
