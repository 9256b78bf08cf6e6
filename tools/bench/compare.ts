import type { Measured } from "./side.js";
import { type Spread, spreadOf } from "./statistics.js";

/** Runs the measured operation once. */
type Contestant = () => Promise<Measured>;

/** One comparison: an operation and its contestants, this library first. */
export interface Contest {
  readonly workload: string;
  readonly what: string;
  readonly contestants: Readonly<Record<string, Contestant>>;
  /** Minimum speed of this library, as a multiple of TensorFlow's. */
  readonly bar?: number | undefined;
}

/** Measurements of one contestant. */
export interface Result {
  readonly name: string;
  readonly seconds: Spread;
  /** Time divided by this library's time in the same round. */
  readonly ratio: Spread;
  readonly extraBytes: number;
}

export interface Outcome {
  readonly contest: Contest;
  readonly results: readonly Result[];
}

/** Runs the contestants in turns: one warm-up round, then `rounds` measured rounds. */
export async function compare(contest: Contest, rounds: number): Promise<Outcome> {
  const entries = Object.entries(contest.contestants);
  for (const [, run] of entries) await run();
  const measured = entries.map((): Measured[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, [, run]] of entries.entries()) measured[i]?.push(await run());
  }
  const ours = measured[0] ?? [];
  const results = entries.map(([name], i) => {
    const runs = measured[i] ?? [];
    return {
      name,
      seconds: spreadOf(runs.map(({ seconds }) => seconds)),
      ratio: spreadOf(runs.map(({ seconds }, round) => seconds / (ours[round]?.seconds ?? Number.NaN))),
      extraBytes: Math.max(...runs.map(({ extraBytes }) => extraBytes)),
    };
  });
  return { contest, results };
}
