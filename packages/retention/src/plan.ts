import type { RetentionDecision } from "./policy.js";
import type { CheckpointRecord } from "./record.js";
import { ask, type KeepVerdict, type RulePolicy, ruleOf } from "./rules/rule.js";
import { requireTime } from "./times.js";

/**
 * Shows what a policy would do: returns, for each checkpoint of a list and in the same order, whether its files stay,
 * and why. The policy does not change, and its own list is ignored.
 *
 * The last checkpoint always stays, because the state file names it as the latest. If a path occurs more than once,
 * only the last record counts.
 *
 * @param checkpoints - the newest last
 * @throws `TypeError` if `policy` is not made of a rule, or its rule omits a verdict; `ValueError` if a time is not a
 * number.
 *
 * @example
 * ```ts
 * import { keepLatest, planRetention } from "@tfsaver/retention";
 *
 * const checkpoints = ["m-1", "m-2", "m-3"].map((path, time) => ({ path, time }));
 * const plan = planRetention(checkpoints, keepLatest(2));
 * console.log(plan.map(({ action }) => action)); // [ "delete", "keep", "keep" ]
 * ```
 */
export function planRetention(
  checkpoints: readonly CheckpointRecord[],
  policy: RulePolicy,
): readonly RetentionDecision[] {
  const list = onePerPath(checkpoints);
  const verdicts = ask(ruleOf(policy), list);
  return list.map((checkpoint, i) => {
    const { keep, reason } = verdicts[i] as KeepVerdict;
    if (keep) return { checkpoint, action: "keep", reason };
    if (i === list.length - 1) return { checkpoint, action: "keep", reason: "the state file names it as the latest" };
    return { checkpoint, action: "delete", reason };
  });
}

/** Copies the list, with each path only where it comes last. */
export function onePerPath(checkpoints: readonly CheckpointRecord[]): readonly CheckpointRecord[] {
  for (const { path, time } of checkpoints) requireTime(time, `the time of ${path}`);
  const last = new Map(checkpoints.map(({ path }, i) => [path, i]));
  return Object.freeze(checkpoints.filter(({ path }, i) => last.get(path) === i));
}
