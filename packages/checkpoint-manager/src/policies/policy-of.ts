import { anyOf } from "./any-of.js";
import { everyNSeconds } from "./every-n-seconds.js";
import { everyNSteps } from "./every-n-steps.js";
import type { SavePolicy } from "./policy.js";

/** Intervals between saves; with both, the first one that has passed counts. */
export interface SaveIntervals {
  /** Steps between saves, an integer of at least 1. */
  readonly steps?: number | undefined;
  /** Seconds between saves, above 0. */
  readonly seconds?: number | undefined;
}

/**
 * Returns the policy that stands for intervals; a policy stands for itself.
 *
 * @throws `TypeError` if neither interval is given; the errors of {@link everyNSteps} and {@link everyNSeconds}.
 */
export function policyOf(every: SaveIntervals | SavePolicy): SavePolicy {
  if (typeof (every as Partial<SavePolicy> | undefined)?.decide === "function") return every as SavePolicy;
  const { steps, seconds } = (every ?? {}) as SaveIntervals;
  if (steps !== undefined && seconds !== undefined) return anyOf(everyNSteps(steps), everyNSeconds(seconds));
  if (steps !== undefined) return everyNSteps(steps);
  if (seconds !== undefined) return everyNSeconds(seconds);
  throw new TypeError("every must have steps or seconds, as { steps: 1000 }, or be a policy, as onImprovement");
}
