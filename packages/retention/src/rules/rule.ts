import type { CheckpointRecord, RetentionPolicy } from "../policy.js";

/** What a rule says of one checkpoint. */
export interface KeepVerdict {
  readonly keep: boolean;
  /** Why, in words for a person, such as `not among the newest 3`. */
  readonly reason: string;
}

/**
 * Which checkpoints are worth keeping: gives one verdict for each checkpoint, in their order. They come as a frozen list,
 * the newest last, each path once.
 *
 * A rule is a pure function, asked anew after every save. What it lets go of is gone and not in the next list, so it must
 * not change its mind about the others then.
 */
export type KeepRule = (checkpoints: readonly CheckpointRecord[]) => readonly KeepVerdict[];

/** A policy that is made of a rule. */
export interface RulePolicy extends RetentionPolicy {
  readonly rule: KeepRule;
}

/** The rule that a policy is made of, also where no compiler has looked. */
export function ruleOf(policy: RulePolicy): KeepRule {
  const rule = (policy as Partial<RulePolicy> | null | undefined)?.rule;
  if (typeof rule === "function") return rule;
  throw new TypeError("Only a policy that is made of a rule will do, such as keepLatest(3); tensorflowDefault is none");
}

/** What a rule says. One that leaves out a checkpoint, or answers in another form, must not have anything deleted. */
export function ask(rule: KeepRule, checkpoints: readonly CheckpointRecord[]): readonly KeepVerdict[] {
  const verdicts = rule(checkpoints);
  const isWhole =
    Array.isArray(verdicts) &&
    verdicts.length === checkpoints.length &&
    verdicts.every((verdict) => typeof verdict?.keep === "boolean" && typeof verdict.reason === "string");
  if (isWhole) return verdicts;
  throw new TypeError(`The rule must give { keep, reason } for each of the ${checkpoints.length} checkpoints`);
}
