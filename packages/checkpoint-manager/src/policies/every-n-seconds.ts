import { requirePositive } from "./limits.js";
import type { SavePolicy } from "./policy.js";

/**
 * Saves when at least `n` seconds have passed since the last save, or since the start.
 *
 * @throws `ValueError` unless `n` is above 0.
 *
 * @example
 * ```ts
 * import { everyNSeconds } from "@tfsaver/checkpoint-manager";
 *
 * const policy = everyNSeconds(600);
 * ```
 */
export function everyNSeconds(n: number): SavePolicy {
  requirePositive(n, "n of everyNSeconds");
  return {
    decide: ({ time, since }) => {
      const passed = time - since.time;
      const save = passed >= n;
      const rounded = Math.floor(passed);
      return { save, reason: `${save ? rounded : `${rounded} of ${n}`} seconds since the last save` };
    },
  };
}
