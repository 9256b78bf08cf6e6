import type { CheckpointRecord } from "../record.js";
import type { KeepRule } from "./rule.js";

/** Cuts the numbers of checkpoints (times, steps) into intervals. */
interface Intervals {
  /** Length of an interval. Interval `i` runs from `i * size` up to, but not including, `(i + 1) * size`. */
  readonly size: number;
  /** Returns the number of a checkpoint; not finite if unknown. */
  readonly numberOf: (checkpoint: CheckpointRecord) => number;
  /** The reason to keep a checkpoint whose number is unknown. */
  readonly unknown: string;
  /** Names the interval that begins at `start`. */
  readonly name: (start: number) => string;
}

/**
 * Keeps the checkpoint with the lowest number of every interval (the older one of equals), and all with an unknown
 * number. Intervals begin at fixed places, so neither the order of the checkpoints nor earlier deletions matter.
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
