import { describe, expect, it } from "vitest";
import { isThorough, seedOfCommit } from "../../tests/thorough.js";
import { newTally, tryMutant } from "./run.js";
import type { Subject } from "./subjects.js";

/** The thorough lane tries this many times as many mutants as `npm test`. */
const QUICK = 20;

/**
 * Tests that mutants of these checkpoints, an equal number of each, keep the promise of `examine`. `npm run test:thorough`
 * always tries the same ones. `npm test` tries a twentieth of their number, and other ones after each commit.
 * `TFSAVER_FUZZ_SEED` sets the seed of the first mutant.
 */
export function mutantSuite(subjects: readonly Subject[], mutants: number): void {
  const each = Math.ceil(mutants / subjects.length / (isThorough ? 1 : QUICK));
  const first = firstSeed();
  describe(`${each} mutants of each checkpoint, starting with seed ${first}`, () => {
    it.each(subjects)("$format $name", { timeout: 10 * 60_000 }, async (subject) => {
      const tally = newTally();
      for (let seed = first; seed < first + each; seed++) await tryMutant(subject, seed, tally);
      expect(tally.findings.map(({ seed, error }) => `seed ${seed}: ${error.message}: ${error.cause}`)).toEqual([]);
      // If no damage were noticed, or nothing could be read, the test would show nothing.
      expect(tally.answers).toBeGreaterThan(each);
      expect(tally.errors.DataLossError).toBeGreaterThan(each / (isThorough ? 4 : 8));
    });
  });
}

function firstSeed(): number {
  const given = process.env.TFSAVER_FUZZ_SEED;
  if (given !== undefined) return Number(given);
  return isThorough ? 1 : seedOfCommit();
}
