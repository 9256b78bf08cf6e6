import type { Measured } from "./side.js";
import { type Spread, spreadOf } from "./statistics.js";

/** Runs a measured task once, on one side. */
type Contestant = () => Promise<Measured>;

/** A measured task: the contestants, this library first, and how fast it should be. */
export interface Contest {
  readonly workload: string;
  readonly what: string;
  readonly contestants: Readonly<Record<string, Contestant>>;
  /** By contestant: the smallest multiple of this library's time that is good enough. */
  readonly bars?: Readonly<Record<string, number | undefined>>;
}

/** Measurements of one contestant. */
export interface Result {
  readonly name: string;
  readonly seconds: Spread;
  /** Its time of each round, as a multiple of this library's. */
  readonly ratio: Spread;
  readonly extraBytes: number;
}

export interface Outcome {
  readonly contest: Contest;
  readonly results: readonly Result[];
}

/** Runs the contestants in turns: one round to warm up, then `rounds` that count. */
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
