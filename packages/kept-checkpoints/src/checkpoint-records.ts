import { AssertionError } from "@tfsaver/core";
import type { CheckpointRecord } from "@tfsaver/retention";

/**
 * Returns records of checkpoints whose times are unknown. TensorFlow's policy takes them for the newest.
 *
 * @throws `AssertionError` if `paths` is not an array.
 */
export function recordsOfPaths(paths: readonly string[]): CheckpointRecord[] {
  if (!Array.isArray(paths)) throw new AssertionError("The last checkpoints must be an array of paths");
  return paths.map((path) => ({ path, time: Number.POSITIVE_INFINITY }));
}

/**
 * Returns records of checkpoints with the times of their saves, in seconds since 1970.
 *
 * @throws `AssertionError` if `checkpoints` is not an array.
 */
export function recordsWithTime(checkpoints: readonly (readonly [path: string, time: number])[]): CheckpointRecord[] {
  if (!Array.isArray(checkpoints)) throw new AssertionError("The last checkpoints must be an array of [path, time]");
  return checkpoints.map(([path, time]) => ({ path, time }));
}
