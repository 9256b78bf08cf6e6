import { ValueError } from "@tfsaver/core";
import { bestFirst, type Ranking } from "@tfsaver/retention";
import type { SavePolicy } from "./policy.js";

/**
 * Saves when a metric is better than in every checkpoint that is kept. A step at which the metric was not measured, or is
 * `NaN`, is not saved.
 *
 * @param metric - name of the value
 * @param mode - which values are better: the lowest (`min`) or the highest (`max`)
 * @throws `TypeError` if `metric` is not a non-empty string; `ValueError` if `mode` is unknown.
 *
 * @example
 * ```ts
 * import { onImprovement } from "@tfsaver/checkpoint-manager";
 *
 * const policy = onImprovement("loss", "min");
 * ```
 */
export function onImprovement(metric: string, mode: Ranking["mode"]): SavePolicy {
  if (typeof metric !== "string" || metric === "")
    throw new TypeError(`metric must be a non-empty string, not ${metric}`);
  if (mode !== "min" && mode !== "max") throw new ValueError(`mode must be "min" or "max", not ${mode}`);
  return {
    readsMetrics: true,
    decide: ({ metrics, checkpoints }) => {
      const value = metrics[metric];
      if (value === undefined) return { save: false, reason: `${metric} was not measured` };
      if (Number.isNaN(value)) return { save: false, reason: `${metric} is NaN` };
      const best = bestFirst(checkpoints, { metric, mode })[0]?.metrics?.[metric];
      if (best === undefined) return { save: true, reason: `${metric} ${value} is the first one` };
      const save = mode === "min" ? value < best : value > best;
      return { save, reason: `${metric} ${value} is ${save ? "better" : "not better"} than ${best}` };
    },
  };
}
