import { onePerPath, planRetention } from "../plan.js";
import type { RetentionDecision } from "../policy.js";
import type { Ranking } from "../ranking.js";
import type { CheckpointRecord } from "../record.js";
import type { KeepRule, RulePolicy } from "./rule.js";

/**
 * Makes a policy of a rule. The rule is asked about the whole list at every save, so the next save shortens a list
 * that was set longer than the rule allows. The checkpoint that was just saved always stays until the next save,
 * because the state file names it as the latest.
 *
 * A checkpoint that is saved or set again while its deletion is pending (writing the state file had failed) is not
 * deleted.
 *
 * @param ranking - the metric by which the rule keeps the best. Default: none.
 * @throws `TypeError` if `rule` is not a function. `record` throws what the rule throws, a `TypeError` if a verdict is
 * missing, and a `ValueError` if a time is not a number; the list is unchanged then.
 *
 * @example
 * ```ts
 * import { keepBy } from "@tfsaver/retention";
 *
 * const releases = keepBy((checkpoints) =>
 *   checkpoints.map(({ path }) => {
 *     const keep = path.includes("release");
 *     return { keep, reason: keep ? "a release" : "not a release" };
 *   }),
 * );
 * ```
 */
export function keepBy(rule: KeepRule, ranking?: Ranking): RulePolicy {
  return new KeepBy(rule, ranking);
}

class KeepBy implements RulePolicy {
  readonly rule: KeepRule;
  #last: readonly CheckpointRecord[] = Object.freeze([]);
  #letGo: readonly RetentionDecision[] = [];

  constructor(
    rule: KeepRule,
    readonly ranking: Ranking | undefined,
  ) {
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

  /** Cancels pending deletions of checkpoints that are listed again. */
  #forgive(checkpoints: readonly CheckpointRecord[]): void {
    const paths = new Set(checkpoints.map(({ path }) => path));
    this.#letGo = this.#letGo.filter(({ checkpoint }) => !paths.has(checkpoint.path));
  }
}
