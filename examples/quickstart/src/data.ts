/** Inputs and the expected outputs, one row per example. */
export interface Examples {
  readonly inputs: readonly (readonly number[])[];
  readonly targets: readonly (readonly number[])[];
}

/**
 * Makes examples of a small regression: two functions of six numbers, with noise. The same seed gives the same
 * examples.
 */
export function makeExamples(count: number, seed: number): Examples {
  const random = mulberry32(seed);
  // The sum of twelve uniform numbers is almost normally distributed.
  const normal = () => Array.from({ length: 12 }, random).reduce((a, b) => a + b) - 6;
  const inputs = Array.from({ length: count }, () => Array.from({ length: 6 }, normal));
  const targets = inputs.map(([a = 0, b = 0, c = 0, d = 0]) => [
    a - 0.5 * b + 0.05 * normal(),
    Math.abs(c) + 0.3 * d + 0.05 * normal(),
  ]);
  return { inputs, targets };
}

/** Generates pseudorandom numbers from 0 up to but not including 1 (Tommy Ettinger's mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
