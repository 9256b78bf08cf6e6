import { onePerPath, planRetention } from "../plan.js";
import type { CheckpointRecord, RetentionDecision } from "../policy.js";
import type { KeepRule, RulePolicy } from "./rule.js";

/**
 * Keeps what a rule keeps. With every save the rule is asked about the whole list, so a list that was set longer than the
 * rule allows is brought down by the next save. Whatever the rule says, the checkpoint just saved stays until the next
 * save, because the state file names it as the latest.
 *
 * A checkpoint that was let go of, is still there (because writing the state file failed), and is saved again or set
 * again, is not deleted for its first life.
 *
 * @throws `TypeError` if `rule` is no function. When told of a checkpoint, what the rule throws, a `TypeError` if it does
 * not give a verdict for every checkpoint, and a `ValueError` if a time is no number; nothing has changed then.
 *
 * @example
 * ```ts
 * const releases = keepBy((checkpoints) =>
 *   checkpoints.map(({ path }) => {
 *     const keep = path.includes("release");
 *     return { keep, reason: keep ? "a release" : "no release" };
 *   }),
 * );
 * ```
 */
export function keepBy(rule: KeepRule): RulePolicy {
  return new KeepBy(rule);
}

class KeepBy implements RulePolicy {
  readonly rule: KeepRule;
  #last: readonly CheckpointRecord[] = Object.freeze([]);
  #letGo: readonly RetentionDecision[] = [];

  constructor(rule: KeepRule) {
    if (typeof rule !== "function") throw new TypeError("The rule of keepBy must be a function");
    this.rule = rule;
  }

  get lastCheckpoints(): readonly CheckpointRecord[] {
    return this.#last;
  }

  setLastCheckpoints(checkpoints: readonly CheckpointRecord[]): void {
    this.#last = onePerPath(checkpoints);
    this.#forgive(this.#last);
  }

  record(checkpoint: CheckpointRecord): readonly CheckpointRecord[] {
    const plan = planRetention([...this.#last, checkpoint], this);
    this.#forgive([checkpoint]);
    this.#letGo = [...this.#letGo, ...plan.filter(({ action }) => action === "delete")];
    const kept = plan.filter(({ action }) => action === "keep");
    this.#last = Object.freeze(kept.map((decision) => decision.checkpoint));
    return this.#last;
  }

  decide(): readonly RetentionDecision[] {
    const due = this.#letGo;
    this.#letGo = [];
    return due;
  }

  /** What is listed again must not be deleted. */
  #forgive(checkpoints: readonly CheckpointRecord[]): void {
    const paths = new Set(checkpoints.map(({ path }) => path));
    this.#letGo = this.#letGo.filter(({ checkpoint }) => !paths.has(checkpoint.path));
  }
}
