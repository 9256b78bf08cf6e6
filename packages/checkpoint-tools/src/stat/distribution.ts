import type { Numbers } from "../values/numbers.js";
import { Bins, EXACT_BINS, FINE_BINS } from "./bins.js";

/** Maximum number of elements that are kept, so that their quantiles are exact. */
const MAX_KEPT = 1 << 20;
/** Up to this number, sorting is faster than counting. */
const FEW = 4096;

/** The distribution of finite numbers that come in parts. Exact up to about a million of them; beyond, within 0.05 %. */
export class Distribution {
  #kept: Numbers[] = [];
  #keptCount = 0;
  /** Counts of all numbers, once there are too many to keep. */
  #bins: Bins | undefined;

  /** Adds numbers, of which those that are not finite don't count. Keeps the array. */
  add(numbers: Numbers): void {
    if (this.#bins !== undefined) {
      this.#bins.add(numbers);
      return;
    }
    this.#kept.push(numbers);
    this.#keptCount += numbers.length;
    if (this.#keptCount > MAX_KEPT) this.#count();
  }

  /** Adds the numbers of another distribution. */
  merge(other: Distribution): void {
    if (other.#bins === undefined) {
      for (const numbers of other.#kept) this.add(numbers);
      return;
    }
    if (this.#bins === undefined) this.#count();
    this.#bins?.merge(other.#bins);
  }

  /**
   * Returns the values of quantiles, interpolated as NumPy does by default.
   *
   * @param shares - from 0 to 1
   * @param range - the least and the greatest number
   * @param count - number of finite numbers, 1 at least
   */
  quantiles(shares: readonly number[], range: Range, count: number): number[] {
    const ranks = shares.map((share) => share * (count - 1));
    const wanted = [...new Set(ranks.flatMap((rank) => [Math.floor(rank), Math.ceil(rank)]))].sort((a, b) => a - b);
    const values = new Map(this.#valuesAt(wanted, range).map((value, i) => [wanted[i], value]));
    return ranks.map((rank) => {
      const [low, high] = [values.get(Math.floor(rank)) as number, values.get(Math.ceil(rank)) as number];
      return between(low, high, rank - Math.floor(rank));
    });
  }

  /** Counts the numbers in intervals of the same width. */
  histogram(intervals: number, { min, max }: Range): number[] {
    const counts = new Array<number>(intervals).fill(0);
    const add = (value: number, count: number) => {
      const at = max > min ? Math.floor(((value - min) / (max - min)) * intervals) : 0;
      const interval = Math.min(Math.max(at, 0), intervals - 1);
      counts[interval] = (counts[interval] as number) + count;
    };
    if (this.#bins === undefined) {
      for (const numbers of this.#kept) for (const value of numbers) if (Number.isFinite(value)) add(value, 1);
    } else for (const { value, count } of this.#bins.finite()) add(value, count);
    return counts;
  }

  /** Returns the numbers of some ranks, which are sorted. */
  #valuesAt(ranks: readonly number[], { min, max }: Range): number[] {
    if (this.#bins !== undefined) {
      return this.#bins.binsAt(ranks).map((bin) => Math.min(Math.max(FINE_BINS.numberOf(bin), min), max));
    }
    if (this.#keptCount <= FEW) {
      const sorted = this.#sorted(() => true);
      return ranks.map((rank) => sorted[rank] as number);
    }
    const bins = new Bins(EXACT_BINS);
    for (const numbers of this.#kept) bins.add(numbers);
    const hit = bins.binsAt(ranks);
    const wanted = new Set(hit);
    const candidates = this.#sorted((value) => wanted.has(EXACT_BINS.binOf(value)));
    const firstOf = new Map<number, number>();
    for (const [i, value] of candidates.entries()) {
      const bin = EXACT_BINS.binOf(value);
      if (!firstOf.has(bin)) firstOf.set(bin, i);
    }
    return ranks.map((rank, i) => {
      const bin = hit[i] as number;
      return candidates[(firstOf.get(bin) as number) + rank - bins.below(bin)] as number;
    });
  }

  #sorted(isWanted: (value: number) => boolean): Float64Array {
    const found: number[] = [];
    for (const numbers of this.#kept) {
      for (const value of numbers) if (Number.isFinite(value) && isWanted(value)) found.push(value);
    }
    return Float64Array.from(found).sort();
  }

  #count(): void {
    const bins = new Bins(FINE_BINS);
    for (const numbers of this.#kept) bins.add(numbers);
    this.#bins = bins;
    this.#kept = [];
  }
}

/** The least and the greatest number. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Interpolates as NumPy does, from the nearer end. */
function between(low: number, high: number, share: number): number {
  if (low === high) return low;
  const difference = high - low;
  return share < 0.5 ? low + difference * share : high - difference * (1 - share);
}
