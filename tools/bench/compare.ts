import type { Measured } from "./side.js";
import { type Spread, spreadOf } from "./statistics.js";

/** Does something once, on one side. */
type Contestant = () => Promise<Measured>;

/** One thing that is measured: who does it, the first being this library, and how fast it should be. */
export interface Contest {
  readonly workload: string;
  readonly what: string;
  readonly contestants: Readonly<Record<string, Contestant>>;
  /** How often as fast as TensorFlow this library should be, at the least. */
  readonly bar?: number | undefined;
}

/** What was measured of one contestant. */
export interface Result {
  readonly name: string;
  readonly seconds: Spread;
  /** Its time in units of this library's, round by round. */
  readonly ratio: Spread;
  readonly extraBytes: number;
}

export interface Outcome {
  readonly contest: Contest;
  readonly results: readonly Result[];
}

/** Has the contestants take turns: once to warm up, then `rounds` times, all of which count. */
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
