import { requireCount } from "../arguments.js";
import { keepBy } from "./keep-by.js";
import type { RulePolicy } from "./rule.js";

/**
 * Keeps the newest `n` checkpoints: those saved or listed last. Their times do not matter.
 *
 * @throws `TypeError` if `n` is not an integer; `ValueError` if it is less than 1.
 *
 * @example
 * ```ts
 * import { keepLatest } from "@tfsaver/retention";
 *
 * const policy = keepLatest(5);
 * ```
 */
export function keepLatest(n: number): RulePolicy {
  requireCount(n, "n of keepLatest");
  const among = n === 1 ? "the newest" : `among the newest ${n}`;
  return keepBy((checkpoints) =>
    checkpoints.map((_, i) => {
      const keep = i >= checkpoints.length - n;
      return { keep, reason: keep ? among : `not ${among}` };
    }),
  );
}
