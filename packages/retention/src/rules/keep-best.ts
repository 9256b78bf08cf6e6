import { ValueError } from "@tfsaver/core";
import { requireCount } from "../arguments.js";
import type { CheckpointRecord } from "../policy.js";
import { keepBy } from "./keep-by.js";
import type { KeepVerdict, RulePolicy } from "./rule.js";

/** Options of {@link keepBest}. */
export interface KeepBestOptions {
  /** Name of the value in {@link CheckpointRecord.metrics}. */
  readonly metric: string;
  /** Number of checkpoints to keep, at least 1. */
  readonly n: number;
  /** Which values are better: the lowest (`min`) or the highest (`max`). */
  readonly mode: "min" | "max";
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
    // Newest first: sorting is stable, so the newer one of equals comes first.
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
