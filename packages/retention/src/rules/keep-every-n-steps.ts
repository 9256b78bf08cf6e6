import { requireCount } from "../arguments.js";
import { firstOfEach } from "./first-of-each.js";
import { keepBy } from "./keep-by.js";
import type { RulePolicy } from "./rule.js";

/**
 * Keeps one checkpoint for every `n` steps: the one with the lowest step from 0 to `n - 1`, from `n` to `2n - 1`, and
 * so on; of equal steps the older one. So it keeps a checkpoint at each multiple of `n`, or the first one after it.
 *
 * A checkpoint with an unknown step is kept.
 *
 * @throws `TypeError` if `n` is not an integer; `ValueError` if it is less than 1.
 *
 * @example
 * ```ts
 * import { keepEveryNSteps } from "@tfsaver/retention";
 *
 * const milestones = keepEveryNSteps(1000);
 * ```
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
