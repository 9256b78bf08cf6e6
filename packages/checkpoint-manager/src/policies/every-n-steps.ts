import { requirePositive } from "./limits.js";
import type { SavePolicy } from "./policy.js";

/**
 * Saves when at least `n` steps have passed since the last save. A new run begins at step 0, and a restored one at the step of
 * its checkpoint.
 *
 * @throws `TypeError` if `n` is not an integer; `ValueError` if it is less than 1.
 *
 * @example
 * ```ts
 * import { everyNSteps } from "@tfsaver/checkpoint-manager";
 *
 * const policy = everyNSteps(100);
 * ```
 */
export function everyNSteps(n: number): SavePolicy {
  if (!Number.isInteger(n)) throw new TypeError(`n of everyNSteps must be an integer, not ${n}`);
  requirePositive(n, "n of everyNSteps");
  return {
    decide: ({ step, since }) => {
      const passed = step - since.step;
      const save = passed >= n;
      return { save, reason: `${save ? passed : `${passed} of ${n}`} steps since step ${since.step}` };
    },
  };
}
