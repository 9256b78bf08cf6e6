import { ValueError } from "@tfsaver/core";

/** Returns the learning rate of the step after a number of steps, from 0 on: a `LearningRateSchedule` of Keras. */
export type LearningRateSchedule = (steps: number) => number;

/** @throws `ValueError` unless the rate is a finite number that is not negative. */
export function requireRate(rate: number, source: string): number {
  if (typeof rate === "number" && rate >= 0 && rate < Number.POSITIVE_INFINITY) return rate;
  throw new ValueError(`${source} is ${String(rate)}: a learning rate must be a finite number that is not negative`);
}

/** @throws `ValueError` if the schedule returns no learning rate. */
export function rateAt(schedule: LearningRateSchedule, steps: number): number {
  return requireRate(schedule(steps), `schedule(${steps})`);
}
