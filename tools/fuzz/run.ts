import { BrokenPromise, examine } from "./examine.js";
import { mutate } from "./mutate.js";
import { Random } from "./random.js";
import type { Files, Subject } from "./subjects.js";

/** A mutant that broke the promise of `examine`. */
export interface Finding {
  readonly subject: Subject;
  readonly seed: number;
  readonly files: Files;
  readonly error: Error;
}

/** Results of many mutants. */
export interface Tally {
  mutants: number;
  /** Number of operations that returned a result. */
  answers: number;
  /** Number of errors of each kind. */
  readonly errors: Record<string, number>;
  readonly findings: Finding[];
}

export function newTally(): Tally {
  return { mutants: 0, answers: 0, errors: {}, findings: [] };
}

/** Mutates a checkpoint by a seed, reads the result, and adds the outcome to the tally. */
export async function tryMutant(subject: Subject, seed: number, tally: Tally): Promise<void> {
  const random = new Random(seed);
  const files = mutate(subject, random);
  tally.mutants++;
  try {
    const { answers, errors } = await examine(subject, files, random);
    tally.answers += answers;
    for (const [kind, count] of errors) tally.errors[kind] = (tally.errors[kind] ?? 0) + count;
  } catch (error) {
    if (!(error instanceof BrokenPromise)) throw error;
    tally.findings.push({ subject, seed, files, error });
  }
}
