import { requireKnown } from "@tfsaver/core";
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

/** When to save: after so many steps or seconds, when a policy says so, or when one of several does. */
export type SaveTimes = SaveIntervals | SavePolicy | readonly (SaveIntervals | SavePolicy)[];

/**
 * Returns the policy that stands for times to save; a policy stands for itself.
 *
 * @throws `TypeError` if neither an interval nor a policy is given; the errors of {@link everyNSteps}, {@link everyNSeconds} and
 * {@link anyOf}.
 */
export function policyOf(every: SaveTimes): SavePolicy {
  if (Array.isArray(every)) return anyOf(every.map((one: SaveIntervals | SavePolicy) => policyOf(one)));
  if (typeof (every as Partial<SavePolicy> | undefined)?.decide === "function") return every as SavePolicy;
  const intervals = (every ?? {}) as SaveIntervals;
  requireKnown("every", intervals, { steps: true, seconds: true });
  const { steps, seconds } = intervals;
  if (steps === undefined && seconds === undefined) {
    throw new TypeError("every must have steps or seconds, as { steps: 1000 }, or be a policy, as onImprovement");
  }
  const policies = [
    ...(steps === undefined ? [] : [everyNSteps(steps)]),
    ...(seconds === undefined ? [] : [everyNSeconds(seconds)]),
  ];
  return anyOf(policies);
}
