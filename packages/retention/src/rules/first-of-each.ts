import type { CheckpointRecord } from "../policy.js";
import type { KeepRule } from "./rule.js";

/** Intervals of a number that checkpoints have. */
interface Intervals {
  /** Interval `i` begins at `i * size` and ends before the next. */
  readonly size: number;
  /** The checkpoint's number; not finite if nobody knows. */
  readonly numberOf: (checkpoint: CheckpointRecord) => number;
  /** Why a checkpoint is kept whose number nobody knows. */
  readonly unknown: string;
  /** Names the interval that begins at `start`. */
  readonly name: (start: number) => string;
}

/**
 * Keeps the checkpoint of the lowest number in every interval (of equal ones the older), and all those of unknown number.
 * Intervals begin at fixed places, so it does not matter in which order checkpoints come and which are already gone.
 */
export function firstOfEach({ size, numberOf, unknown, name }: Intervals): KeepRule {
  const intervalOf = (checkpoint: CheckpointRecord) => Math.floor(numberOf(checkpoint) / size);
  return (checkpoints) => {
    const firsts = new Map<number, CheckpointRecord>();
    for (const checkpoint of checkpoints) {
      const interval = intervalOf(checkpoint);
      const first = firsts.get(interval);
      if (first === undefined || numberOf(checkpoint) < numberOf(first)) firsts.set(interval, checkpoint);
    }
    return checkpoints.map((checkpoint) => {
      const interval = intervalOf(checkpoint);
      if (!Number.isFinite(interval)) return { keep: true, reason: unknown };
      const keep = firsts.get(interval) === checkpoint;
      return { keep, reason: `${keep ? "" : "not "}the first of ${name(interval * size)}` };
    });
  };
}
