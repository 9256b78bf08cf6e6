import { ValueError } from "@tfsaver/core";
import { requireCount } from "../arguments.js";
import type { CheckpointRecord } from "../policy.js";
import { keepBy } from "./keep-by.js";
import type { KeepVerdict, RulePolicy } from "./rule.js";

/** Options of {@link keepBest}. */
export interface KeepBestOptions {
  /** Name of the value in {@link CheckpointRecord.metrics}. */
  readonly metric: string;
  /** How many to keep. */
  readonly n: number;
  /** Whether the lowest or the highest values are the best. */
  readonly mode: "min" | "max";
}

/**
 * Keeps the best `n` by a metric; of equal ones the newer. A checkpoint that was measured, but not this metric, or with
 * `NaN`, is not among the best, even if there are fewer than `n`: it is let go of when the next one is saved. Combine with
 * `keepLatest` if not every save is measured. One of which nobody knows what was measured (`metrics` is `undefined`, as
 * after a restart that lost them) could be the best, and is kept.
 *
 * @throws `TypeError` if `metric` is no name or `n` is not an integer; `ValueError` if `n` is less than 1, or for another
 * `mode`.
 */
export function keepBest({ metric, n, mode }: KeepBestOptions): RulePolicy {
  if (typeof metric !== "string" || metric === "") throw new TypeError(`metric must be a name, not ${metric}`);
  requireCount(n, "n of keepBest");
  if (mode !== "min" && mode !== "max") throw new ValueError(`mode must be "min" or "max", not ${mode}`);
  const among = n === 1 ? "the best" : `among the best ${n}`;
  const sign = mode === "min" ? 1 : -1;
  const measure = ({ metrics }: CheckpointRecord): number | undefined => {
    const value = metrics?.[metric];
    return typeof value === "number" ? value : undefined;
  };

  return keepBy((checkpoints) => {
    const measured = checkpoints.flatMap((checkpoint) => {
      const value = measure(checkpoint);
      return value === undefined || Number.isNaN(value) ? [] : [{ checkpoint, value }];
    });
    // The newest first, and sorting leaves equal ones in their order.
    const best = measured
      .reverse()
      .sort((a, b) => sign * (a.value - b.value))
      .slice(0, n);
    const kept = new Set(best.map(({ checkpoint }) => checkpoint));
    const range = [...new Set([best.at(0)?.value, best.at(-1)?.value])].join(" to ");

    return checkpoints.map((checkpoint): KeepVerdict => {
      if (checkpoint.metrics === undefined) return { keep: true, reason: `its ${metric} is not known` };
      const value = measure(checkpoint);
      if (value === undefined) return { keep: false, reason: `it has no ${metric}` };
      if (Number.isNaN(value)) return { keep: false, reason: `its ${metric} is NaN` };
      const keep = kept.has(checkpoint);
      return { keep, reason: `its ${metric} ${value} is ${keep ? among : `not ${among} (${range})`}` };
    });
  });
}
