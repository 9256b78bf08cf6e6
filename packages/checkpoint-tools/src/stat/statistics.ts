import type { Numbers } from "../values/numbers.js";
import { Distribution, type Range } from "./distribution.js";
import { Moments } from "./moments.js";

/** Statistics of numbers. All but the counts are those of the finite ones, and undefined if there are none. */
export interface Statistics {
  /** Number of elements. */
  readonly elements: number;
  readonly nan: number;
  readonly positiveInfinity: number;
  readonly negativeInfinity: number;
  readonly zeros: number;
  /** A bigint if the elements are 64-bit integers. */
  readonly min: number | bigint | undefined;
  readonly max: number | bigint | undefined;
  readonly mean: number | undefined;
  /** Standard deviation of the population (`numpy.std`). */
  readonly deviation: number | undefined;
  /** Sum of the magnitudes. */
  readonly l1: number | undefined;
  /** Square root of the sum of the squares. */
  readonly l2: number | undefined;
  /** Values below which these shares of the numbers are, as `numpy.quantile` interpolates them. */
  readonly quantiles: readonly { readonly share: number; readonly value: number }[];
  /** Counts in intervals of the same width from `min` to `max`. Empty if there are no finite numbers. */
  readonly histogram: readonly number[];
}

/** The quantiles that are computed. */
const SHARES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;
/** How a histogram is made. */
export interface HistogramOptions {
  /** Number of intervals. Default: 20. */
  readonly intervals?: number | undefined;
}

/** Computes the statistics of numbers that come in parts. */
export class StatisticsBuilder {
  readonly #moments = new Moments();
  readonly #distribution = new Distribution();
  #extremes: { min: bigint; max: bigint } | undefined;

  /** Adds numbers, and keeps the array. */
  add(numbers: Numbers): void {
    this.#moments.add(numbers);
    this.#distribution.add(numbers);
  }

  /** Adds the exact values of numbers that {@link StatisticsBuilder.add} has got rounded. */
  addExtremes(integers: BigInt64Array | BigUint64Array): void {
    let [min, max] = [this.#extremes?.min ?? integers[0], this.#extremes?.max ?? integers[0]];
    for (const value of integers) {
      if (min === undefined || value < min) min = value;
      if (max === undefined || value > max) max = value;
    }
    if (min !== undefined && max !== undefined) this.#extremes = { min, max };
  }

  /** Adds the numbers of another builder. */
  merge(other: StatisticsBuilder): void {
    this.#moments.merge(other.#moments);
    this.#distribution.merge(other.#distribution);
  }

  /** Counts the finite numbers in intervals of the same width over a range that holds them all. */
  histogram(intervals: number, range: Range): number[] {
    return this.#distribution.histogram(intervals, range);
  }

  result({ intervals = 20 }: HistogramOptions = {}): Statistics {
    const { elements, nan, positiveInfinity, negativeInfinity, zeros, finite, min, max, ...sums } = this.#moments;
    const counts = { elements, nan, positiveInfinity, negativeInfinity, zeros };
    if (finite === 0) {
      const none = { min: undefined, max: undefined, mean: undefined, deviation: undefined };
      return { ...counts, ...none, l1: undefined, l2: undefined, quantiles: [], histogram: [] };
    }
    const values = this.#distribution.quantiles(SHARES, { min, max }, finite);
    return {
      ...counts,
      min: this.#extremes?.min ?? min,
      max: this.#extremes?.max ?? max,
      mean: this.#moments.mean,
      deviation: this.#moments.deviation,
      l1: sums.sumOfMagnitudes,
      l2: Math.sqrt(sums.sumOfSquares),
      quantiles: SHARES.map((share, i) => ({ share, value: values[i] as number })),
      histogram: this.#distribution.histogram(intervals, { min, max }),
    };
  }
}
