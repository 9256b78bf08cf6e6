import type { RetentionPolicy } from "../policy.js";
import type { CheckpointRecord } from "../record.js";

/** The verdict of a rule on one checkpoint. */
export interface KeepVerdict {
  readonly keep: boolean;
  /** The reason, for a person to read, such as `not among the newest 3`. */
  readonly reason: string;
}

/**
 * Decides which checkpoints to keep: returns one verdict for each checkpoint, in the same order. The list is frozen,
 * has the newest last, and contains each path once.
 *
 * A rule is a pure function that is asked again after every save. A checkpoint that it lets go of is missing from the
 * next list; the verdicts on the others must not change because of that.
 */
export type KeepRule = (checkpoints: readonly CheckpointRecord[]) => readonly KeepVerdict[];

/** A policy that is made of a rule. */
export interface RulePolicy extends RetentionPolicy {
  readonly rule: KeepRule;
}

/** True if a policy is made of a rule. */
export function isRulePolicy(policy: RetentionPolicy | null | undefined): policy is RulePolicy {
  return typeof (policy as Partial<RulePolicy> | null | undefined)?.rule === "function";
}

/**
 * Returns the rule that a policy is made of.
 *
 * @throws `TypeError` if there is none, for callers without type checks.
 */
export function ruleOf(policy: RulePolicy): KeepRule {
  if (isRulePolicy(policy)) return policy.rule;
  throw new TypeError("Pass a policy that is made of a rule, such as keepLatest(3); tensorflowDefault is not");
}

/**
 * Asks a rule for its verdicts.
 *
 * @throws `TypeError` unless there is a valid verdict for every checkpoint: a faulty rule must not delete anything.
 */
export function ask(rule: KeepRule, checkpoints: readonly CheckpointRecord[]): readonly KeepVerdict[] {
  const verdicts = rule(checkpoints);
  const isWhole =
    Array.isArray(verdicts) &&
    verdicts.length === checkpoints.length &&
    verdicts.every((verdict) => typeof verdict?.keep === "boolean" && typeof verdict.reason === "string");
  if (isWhole) return verdicts;
  throw new TypeError(`The rule must return { keep, reason } for each of the ${checkpoints.length} checkpoints`);
}
