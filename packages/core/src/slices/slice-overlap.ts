import type { Shape } from "../tensor/shape.js";
import { slicesOverlap, type TensorSlice } from "../tensor/tensor-slice.js";

/**
 * Maximum number of pairs of slices to compare, so that a small hostile file can't keep a reader busy. Real checkpoints,
 * even with thousands of slices in a grid, need far fewer.
 */
const MAX_PAIRS = 50_000_000;

/**
 * Finds two slices that overlap, and returns them in the order of the list; `undefined` if no two do. It sweeps along the
 * dimension in which the fewest slices share a position and compares only those. Returns `"too many"` if even then there
 * are more than {@link MAX_PAIRS} pairs.
 */
export function findOverlap(
  shape: Shape,
  slices: readonly TensorSlice[],
): readonly [TensorSlice, TensorSlice] | "too many" | undefined {
  const [one, other] = slices;
  if (one === undefined || other === undefined) return undefined;
  const [first, ...more] = shape.map((size, d) => new Sweep(slices, d, size));
  // A scalar has one element, which both slices hold.
  if (first === undefined) return [one, other];
  const best = more.reduce((least, sweep) => (sweep.pairs < least.pairs ? sweep : least), first);
  if (best.pairs > MAX_PAIRS) return "too many";
  let open: number[] = [];
  for (const at of best.order) {
    const slice = slices[at] as TensorSlice;
    open = open.filter((before) => best.endOf(before) > best.startOf(at));
    for (const before of open) {
      if (!slicesOverlap(shape, slices[before] as TensorSlice, slice)) continue;
      return [slices[Math.min(before, at)] as TensorSlice, slices[Math.max(before, at)] as TensorSlice];
    }
    open.push(at);
  }
  return undefined;
}

/** The slices in the order of their starts in one dimension. */
class Sweep {
  readonly order: number[];
  /** Number of pairs of slices that share a position in this dimension. */
  readonly pairs: number;
  readonly #starts: number[];
  readonly #ends: number[];

  constructor(slices: readonly TensorSlice[], dimension: number, size: number) {
    const extents = slices.map((slice) => slice[dimension]);
    this.#starts = extents.map((extent) => (extent === "full" || extent === undefined ? 0 : extent.start));
    this.#ends = extents.map((extent) =>
      extent === "full" || extent === undefined ? size : extent.start + extent.length,
    );
    this.order = slices.map((_, i) => i).sort((a, b) => this.startOf(a) - this.startOf(b));
    const ends = [...this.#ends].sort((a, b) => a - b);
    let closed = 0;
    let pairs = 0;
    for (const [opened, at] of this.order.entries()) {
      while (closed < ends.length && (ends[closed] as number) <= this.startOf(at)) closed++;
      pairs += opened - closed;
    }
    this.pairs = pairs;
  }

  startOf(at: number): number {
    return this.#starts[at] as number;
  }

  endOf(at: number): number {
    return this.#ends[at] as number;
  }
}
