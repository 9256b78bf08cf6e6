import { ValueError } from "@tfsaver/core";
import { requireCount } from "../arguments.js";
import { bestFirst, type Ranking } from "../ranking.js";
import type { CheckpointRecord } from "../record.js";
import { keepBy } from "./keep-by.js";
import type { KeepVerdict, RulePolicy } from "./rule.js";

/** Options of {@link keepBest}. */
export interface KeepBestOptions extends Ranking {
  /** Number of checkpoints to keep, at least 1. */
  readonly n: number;
}

/**
 * Keeps the `n` best checkpoints by a metric; of equal ones the newer.
 *
 * - A checkpoint whose metrics lack this one, or have `NaN` for it, is let go of at the next save, even if fewer than
 *   `n` are kept. If only some saves are measured, combine this policy with `keepLatest`.
 * - A checkpoint whose `metrics` are `undefined` is kept, because it may be the best. Metrics are unknown after a
 *   restart that did not store them.
 *
 * @throws `TypeError` if `metric` is not a non-empty string or `n` is not an integer; `ValueError` if `n` is less than
 * 1, or `mode` is unknown.
 *
 * @example
 * ```ts
 * import { keepBest } from "@tfsaver/retention";
 *
 * const policy = keepBest({ metric: "loss", n: 3, mode: "min" });
 * ```
 */
export function keepBest({ metric, n, mode }: KeepBestOptions): RulePolicy {
  if (typeof metric !== "string" || metric === "")
    throw new TypeError(`metric must be a non-empty string, not ${metric}`);
  requireCount(n, "n of keepBest");
  if (mode !== "min" && mode !== "max") throw new ValueError(`mode must be "min" or "max", not ${mode}`);
  const among = n === 1 ? "the best" : `among the best ${n}`;
  const measure = ({ metrics }: CheckpointRecord): number | undefined => {
    const value = metrics?.[metric];
    return typeof value === "number" ? value : undefined;
  };

  return keepBy(
    (checkpoints) => {
      const best = bestFirst(checkpoints, { metric, mode }).slice(0, n);
      const kept = new Set(best);
      const range = [...new Set([best.at(0), best.at(-1)].map((one) => one && measure(one)))].join(" to ");

      return checkpoints.map((checkpoint): KeepVerdict => {
        if (checkpoint.metrics === undefined) return { keep: true, reason: `its ${metric} is not known` };
        const value = measure(checkpoint);
        if (value === undefined) return { keep: false, reason: `it has no ${metric}` };
        if (Number.isNaN(value)) return { keep: false, reason: `its ${metric} is NaN` };
        const keep = kept.has(checkpoint);
        return { keep, reason: `its ${metric} ${value} is ${keep ? among : `not ${among} (${range})`}` };
      });
    },
    { metric, mode },
  );
}
