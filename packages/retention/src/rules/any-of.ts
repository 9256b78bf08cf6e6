import { ValueError } from "@tfsaver/core";
import { keepBy } from "./keep-by.js";
import { ask, type KeepVerdict, type RulePolicy, ruleOf } from "./rule.js";

/**
 * Keeps the checkpoints that at least one of the given policies keeps. `anyOf` uses only the rules of its parts, so
 * they must not hold checkpoints, and it ignores what they are told later.
 *
 * The ranking is that of the first part that has one. The reason of a decision combines those of the parts: of the parts that keep the checkpoint, or of all parts if it
 * goes.
 *
 * @throws `ValueError` if there are no parts, or one holds checkpoints; `TypeError` if one is not made of a rule, such
 * as `tensorflowDefault`.
 *
 * @example
 * ```ts
 * import { anyOf, keepBest, keepLatest } from "@tfsaver/retention";
 *
 * const policy = anyOf(keepLatest(2), keepBest({ metric: "accuracy", n: 2, mode: "max" }));
 * ```
 */
export function anyOf(...parts: readonly RulePolicy[]): RulePolicy {
  if (parts.length === 0) throw new ValueError("anyOf needs at least one part");
  const rules = parts.map(ruleOf);
  if (parts.some(({ lastCheckpoints }) => lastCheckpoints.length > 0)) {
    throw new ValueError("A part of anyOf must not hold checkpoints: set them on the policy that anyOf returns");
  }
  return keepBy(
    (checkpoints) => {
      const verdicts = rules.map((rule) => ask(rule, checkpoints));
      return checkpoints.map((_, i) => {
        const ofThis = verdicts.map((ofRule) => ofRule[i] as KeepVerdict);
        const keeping = ofThis.filter(({ keep }) => keep);
        const keep = keeping.length > 0;
        return { keep, reason: (keep ? keeping : ofThis).map(({ reason }) => reason).join("; ") };
      });
    },
    parts.find(({ ranking }) => ranking !== undefined)?.ranking,
  );
}
