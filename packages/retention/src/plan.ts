import type { CheckpointRecord, RetentionDecision } from "./policy.js";
import { ask, type KeepVerdict, type RulePolicy, ruleOf } from "./rules/rule.js";
import { requireTime } from "./times.js";

/**
 * What a policy would do with these checkpoints: for each one, in their order, whether its files stay, and why. No policy
 * changes by this; the list that `policy` holds itself does not matter.
 *
 * The last checkpoint always stays, because the state file names it as the latest. Of several records of one path the
 * last one counts, and the others are left out.
 *
 * @param checkpoints - the newest last
 * @throws `TypeError` if `policy` is not made of a rule, or its rule does not give a verdict for every checkpoint;
 * `ValueError` if a time is no number.
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

/** The checkpoints as a list of its own, each path where it comes last. */
export function onePerPath(checkpoints: readonly CheckpointRecord[]): readonly CheckpointRecord[] {
  for (const { path, time } of checkpoints) requireTime(time, `the time of ${path}`);
  const last = new Map(checkpoints.map(({ path }, i) => [path, i]));
  return Object.freeze(checkpoints.filter(({ path }, i) => last.get(path) === i));
}
