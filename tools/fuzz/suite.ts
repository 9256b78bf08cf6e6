import { describe, expect, it } from "vitest";
import { newTally, tryMutant } from "./run.js";
import type { Subject } from "./subjects.js";

/** Of the first mutant; `TFSAVER_FUZZ_SEED` takes another. */
const FIRST_SEED = Number(process.env.TFSAVER_FUZZ_SEED ?? 1);

/** Tests that `mutants` of these checkpoints, in equal parts of each, keep the promise. */
export function mutantSuite(subjects: readonly Subject[], mutants: number): void {
  const each = Math.ceil(mutants / subjects.length);
  describe(`${each} mutants from seed ${FIRST_SEED} on of each checkpoint`, () => {
    it.each(subjects)("$format $name", { timeout: 10 * 60_000 }, async (subject) => {
      const tally = newTally();
      for (let seed = FIRST_SEED; seed < FIRST_SEED + each; seed++) await tryMutant(subject, seed, tally);
      expect(tally.findings.map(({ seed, error }) => `seed ${seed}: ${error.message}: ${error.cause}`)).toEqual([]);
      // Damage that nothing noticed, or that nothing survived, would show nothing.
      expect(tally.answers).toBeGreaterThan(each);
      expect(tally.errors.DataLossError).toBeGreaterThan(each / 4);
    });
  });
}
