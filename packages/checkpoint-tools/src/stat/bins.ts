import type { Numbers } from "../values/numbers.js";

/** The greatest number of `float32`. Greater ones are counted with it. */
const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Cuts the numbers into bins by the first bits of a `float32`, whose order is that of the numbers. */
class BinScale {
  readonly count: number;
  /** The bins of finite numbers: from `first`, and before `end`. */
  readonly first: number;
  readonly end: number;

  /** @param shift - number of bits that are left out */
  constructor(readonly shift: number) {
    this.count = 2 ** (32 - shift);
    this.first = 0x00800000 >>> shift;
    this.end = 0xff800000 >>> shift;
  }

  /** Returns the bin of a finite number. */
  binOf(value: number): number {
    float[0] = Math.min(Math.max(value, -MAX_FLOAT32), MAX_FLOAT32);
    const raw = bits[0] as number;
    return (raw ^ ((raw >> 31) | 0x80000000)) >>> this.shift;
  }

  /** Returns the number of a bin that is nearest to 0, which is exact for small integers. */
  numberOf(bin: number): number {
    const key = bin * 2 ** this.shift;
    bits[0] = key >= 0x80000000 ? key - 0x80000000 : ~(key + 2 ** this.shift - 1);
    return (float[0] as number) + 0;
  }
}

/** Few bins, to find where exact values are. */
export const EXACT_BINS = new BinScale(16);
/** Bins that are at most 2^-11 of their number wide. */
export const FINE_BINS = new BinScale(12);

/** Counts of numbers by bins. */
export class Bins {
  readonly #counts: Float64Array;

  constructor(private readonly scale: BinScale) {
    this.#counts = new Float64Array(scale.count);
  }

  /** Counts numbers. Those that are not finite go to bins that are never read. */
  add(numbers: Numbers): void {
    const floats = numbers instanceof Float32Array ? numbers : clamped(numbers);
    const raw = new Int32Array(floats.buffer, floats.byteOffset, floats.length);
    const counts = this.#counts;
    const { shift } = this.scale;
    for (let i = 0; i < raw.length; i++) {
      const pattern = raw[i] as number;
      const bin = (pattern ^ ((pattern >> 31) | 0x80000000)) >>> shift;
      counts[bin] = (counts[bin] as number) + 1;
    }
  }

  /** Adds the counts of other bins of the same scale. */
  merge(other: Bins): void {
    const counts = this.#counts;
    const added = other.#counts;
    for (let bin = 0; bin < counts.length; bin++) counts[bin] = (counts[bin] as number) + (added[bin] as number);
  }

  /** Returns the bins of some ranks, which are sorted and start at 0 for the least finite number. */
  binsAt(ranks: readonly number[]): number[] {
    const { first, end } = this.scale;
    const found: number[] = [];
    let passed = 0;
    for (let bin = first; bin < end && found.length < ranks.length; bin++) {
      passed += this.#counts[bin] as number;
      while (found.length < ranks.length && (ranks[found.length] as number) < passed) found.push(bin);
    }
    return found;
  }

  /** Counts the finite numbers below a bin. */
  below(bin: number): number {
    let count = 0;
    for (let at = this.scale.first; at < bin; at++) count += this.#counts[at] as number;
    return count;
  }

  /** Yields the bins of finite numbers that are not empty, each with its number. */
  *finite(): Generator<{ readonly value: number; readonly count: number }> {
    const { first, end } = this.scale;
    for (let bin = first; bin < end; bin++) {
      const count = this.#counts[bin] as number;
      if (count > 0) yield { value: this.scale.numberOf(bin), count };
    }
  }
}

/** Rounds to `float32`, where finite numbers stay finite. */
function clamped(numbers: Float64Array): Float32Array {
  const floats = new Float32Array(numbers);
  for (let i = 0; i < floats.length; i++) {
    if (Number.isFinite(floats[i])) continue;
    const value = numbers[i] as number;
    if (Number.isFinite(value)) floats[i] = value > 0 ? MAX_FLOAT32 : -MAX_FLOAT32;
  }
  return floats;
}
