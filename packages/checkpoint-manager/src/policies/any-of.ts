import { ValueError } from "@tfsaver/core";
import type { SavePolicy } from "./policy.js";

/**
 * Saves when at least one of the given policies does. The reason combines those of the policies that save, or of all of them
 * if none does.
 *
 * @throws `ValueError` if there are no policies, or two have different request files.
 */
export function anyOf(policies: readonly SavePolicy[]): SavePolicy {
  if (policies.length === 0) throw new ValueError("every needs at least one interval or policy");
  const files = new Set(policies.flatMap(({ requestFile }) => requestFile ?? []));
  if (files.size > 1) throw new ValueError(`every takes one request file, not ${[...files].join(" and ")}`);
  return {
    requestFile: [...files][0],
    readsMetrics: policies.some(({ readsMetrics }) => readsMetrics),
    decide: (situation) => {
      const verdicts = policies.map((policy) => policy.decide(situation));
      const saving = verdicts.filter(({ save }) => save);
      const save = saving.length > 0;
      return { save, reason: (save ? saving : verdicts).map(({ reason }) => reason).join("; ") };
    },
  };
}
