import { planRetention } from "./plan.js";
import type { RetentionPolicy } from "./policy.js";
import type { CheckpointRecord } from "./record.js";
import { isRulePolicy } from "./rules/rule.js";

/** A checkpoint that a policy holds. */
export interface KeptCheckpoint extends CheckpointRecord {
  /** The reason why it is kept, for a person to read, such as `among the newest 5`. */
  readonly reason: string;
}

/**
 * Returns the checkpoints that a policy holds, each with the reason why it is kept; the newest last. The policy does not
 * change.
 *
 * @throws `TypeError` if the rule of the policy omits a verdict.
 *
 * @example
 * ```ts
 * import { keepLatest, keptCheckpoints } from "@tfsaver/retention";
 *
 * const policy = keepLatest(2);
 * policy.record({ path: "m-1", time: 0 });
 * console.log(keptCheckpoints(policy)); // [ { path: "m-1", time: 0, reason: "among the newest 2" } ]
 * ```
 */
export function keptCheckpoints(policy: RetentionPolicy): readonly KeptCheckpoint[] {
  const { lastCheckpoints, whyListed = "its retention policy lists it" } = policy;
  if (!isRulePolicy(policy)) return lastCheckpoints.map((checkpoint) => ({ ...checkpoint, reason: whyListed }));
  return planRetention(lastCheckpoints, policy).map(({ checkpoint, action, reason }) => ({
    ...checkpoint,
    reason: action === "keep" ? reason : `the next save removes it: ${reason}`,
  }));
}
