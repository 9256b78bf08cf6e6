import type { Random } from "./random.js";

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Returns 64 bits as a varint. */
export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

const LIMITS = [8n, 15n, 16n, 24n, 31n, 32n, 40n, 52n, 53n, 62n, 63n, 64n].map((bits) => 1n << bits);

/** Returns a number that may break a reader: near a limit, near the old number, or small. */
export function oddNumber(random: Random, known = 0n): bigint {
  switch (random.below(4)) {
    case 0:
      return random.pick(LIMITS) - BigInt(random.below(3));
    case 1:
      return known + BigInt(random.below(5)) - 2n;
    case 2:
      return -BigInt(random.below(4)) - 1n;
    default:
      return BigInt(random.below(300));
  }
}

/** Damages bytes in one way: flips, cuts, inserts, removes, overwrites or repeats some. */
export function damage(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const some = random.below(random.chance(0.8) ? 9 : 200);
  switch (random.below(8)) {
    case 0:
    case 1:
      return flipped(bytes, random);
    case 2:
      return before;
    case 3:
      return concat([before, random.bytes(some), after]);
    case 4:
      return concat([before, after.subarray(some)]);
    case 5: {
      const number = varint(oddNumber(random));
      return concat([before, number, after.subarray(random.chance(0.5) ? number.length : 1)]);
    }
    case 6: {
      const from = random.below(bytes.length + 1);
      return concat([before, bytes.subarray(from, from + some), after]);
    }
    default:
      return concat([before, new Uint8Array(some).fill(random.pick([0, 0x7f, 0x80, 0xff])), after.subarray(some)]);
  }
}

function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice();
  for (let i = random.below(3); i >= 0 && copy.length > 0; i--) {
    const at = random.below(copy.length);
    copy[at] = random.chance(0.5) ? (copy[at] as number) ^ (1 << random.below(8)) : random.below(256);
  }
  return copy;
}
