import type { Statistics } from "@tfsaver/checkpoint-tools";

/** An interval of a histogram. */
export interface Interval {
  readonly from: number;
  readonly to: number;
  /** Number of elements in it. */
  readonly count: number;
}

/** Returns the intervals of a histogram, from the least element to the greatest. Empty if no element is finite. */
export function intervalsOf({
  min,
  max,
  histogram,
}: Pick<Statistics, "min" | "max" | "histogram">): readonly Interval[] {
  if (min === undefined || max === undefined) return [];
  const [low, high] = [Number(min), Number(max)];
  // Where all elements are equal, the first interval has them all.
  if (low === high) {
    const margin = Math.abs(low) / 2 || 0.5;
    return [{ from: low - margin, to: high + margin, count: histogram.reduce((sum, count) => sum + count, 0) }];
  }
  // The difference may be more than the greatest number.
  const edge = (i: number) => low * (1 - i / histogram.length) + high * (i / histogram.length);
  return histogram.map((count, i) => ({ from: edge(i), to: edge(i + 1), count }));
}
