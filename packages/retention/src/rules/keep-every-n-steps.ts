import { requireCount } from "../arguments.js";
import { firstOfEach } from "./first-of-each.js";
import { keepBy } from "./keep-by.js";
import type { RulePolicy } from "./rule.js";

/**
 * Keeps one checkpoint for every `n` steps: the one of the lowest step from 0 to `n - 1`, from `n` to `2n - 1`, and so on;
 * of equal steps the older one. So a checkpoint at a multiple of `n` is kept, and where no save falls on a multiple, the
 * first one after it.
 *
 * A checkpoint whose step is not known is kept, because nothing says that it may go.
 *
 * @throws `TypeError` if `n` is not an integer, `ValueError` if it is less than 1.
 */
export function keepEveryNSteps(n: number): RulePolicy {
  requireCount(n, "n of keepEveryNSteps");
  const rule = firstOfEach({
    size: n,
    numberOf: ({ step }) => step ?? Number.NaN,
    unknown: "its step is not known",
    name: (start) => `steps ${start} to ${start + n - 1}`,
  });
  return keepBy(rule);
}
