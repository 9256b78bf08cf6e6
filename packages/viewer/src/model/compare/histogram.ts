/** Returns the edges of intervals of the same width. A range without width gets one, so that it can be drawn. */
export function edgesOf(min: number, max: number, intervals: number): number[] {
  const half = max > min ? 0 : Math.abs(min) * 1e-3 || 0.5;
  // The counts of a range without width are in the first interval, which then is around it.
  const [from, to] = half > 0 ? [min - half, min - half + 2 * half * intervals] : [min, max];
  return Array.from({ length: intervals + 1 }, (_, i) => from * (1 - i / intervals) + to * (i / intervals));
}

/** Returns counts as steps from edge to edge: the last one holds until the last edge. */
export function stepsOf(counts: readonly number[]): number[] {
  return [...counts, counts.at(-1) ?? 0];
}
