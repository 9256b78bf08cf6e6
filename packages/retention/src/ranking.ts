import type { CheckpointRecord } from "./record.js";

/** Names the metric that tells which checkpoint is the best. */
export interface Ranking {
  /** Name of the value in {@link CheckpointRecord.metrics}. */
  readonly metric: string;
  /** Which values are better: the lowest (`min`) or the highest (`max`). */
  readonly mode: "min" | "max";
}

/**
 * Sorts the checkpoints by a metric, the best first; of equal ones the newer. Leaves out those without the metric, or with
 * `NaN` for it.
 *
 * @param checkpoints - the newest last
 *
 * @example
 * ```ts
 * import { bestFirst } from "@tfsaver/retention";
 *
 * const checkpoints = [0.5, 0.1].map((loss, time) => ({ path: `m-${time}`, time, metrics: { loss } }));
 * console.log(bestFirst(checkpoints, { metric: "loss", mode: "min" })[0]?.path); // m-1
 * ```
 */
export function bestFirst<C extends CheckpointRecord>(
  checkpoints: readonly C[],
  { metric, mode }: Ranking,
): readonly C[] {
  const sign = mode === "min" ? 1 : -1;
  const value = ({ metrics }: C) => metrics?.[metric] as number;
  // Sorting is stable, so the newer one of equals comes first.
  return checkpoints
    .filter((checkpoint) => typeof value(checkpoint) === "number" && !Number.isNaN(value(checkpoint)))
    .reverse()
    .sort((a, b) => sign * (value(a) - value(b)) || 0);
}
