import { ValueError } from "@tfsaver/core";
import { keepBy } from "./keep-by.js";
import { ask, type KeepVerdict, type RulePolicy, ruleOf } from "./rule.js";

/**
 * Keeps what at least one of its parts keeps. Only the rules of the parts are taken, so they must hold no checkpoints of
 * their own, and what they are told later does not matter here.
 *
 * The reason of a decision names all that count: for a checkpoint that is kept those of the parts that keep it, for one
 * that is let go of those of all parts.
 *
 * @throws `ValueError` if there are no parts, or one holds checkpoints; `TypeError` if one is not made of a rule, as
 * `tensorflowDefault`.
 */
export function anyOf(...parts: readonly RulePolicy[]): RulePolicy {
  if (parts.length === 0) throw new ValueError("anyOf needs at least one part");
  const rules = parts.map(ruleOf);
  if (parts.some(({ lastCheckpoints }) => lastCheckpoints.length > 0)) {
    throw new ValueError("A part of anyOf must hold no checkpoints of its own: set them on what anyOf gives");
  }
  return keepBy((checkpoints) => {
    const verdicts = rules.map((rule) => ask(rule, checkpoints));
    return checkpoints.map((_, i) => {
      const ofThis = verdicts.map((ofRule) => ofRule[i] as KeepVerdict);
      const keeping = ofThis.filter(({ keep }) => keep);
      const keep = keeping.length > 0;
      return { keep, reason: (keep ? keeping : ofThis).map(({ reason }) => reason).join("; ") };
    });
  });
}
