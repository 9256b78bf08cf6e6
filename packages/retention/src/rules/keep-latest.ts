import { requireCount } from "../arguments.js";
import { keepBy } from "./keep-by.js";
import type { RulePolicy } from "./rule.js";

/**
 * Keeps the newest `n`: those saved or listed last, whatever their times say.
 *
 * @throws `TypeError` if `n` is not an integer, `ValueError` if it is less than 1.
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
