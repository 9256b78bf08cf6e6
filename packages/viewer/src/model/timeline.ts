import type { FoundCheckpoint } from "../worker/find/found-checkpoint.js";

/** Metrics that are shown at most. */
const MAX_METRICS = 6;

/** Returns the names of the metrics that checkpoints have, in the order in which they first appear. */
export function metricNames(checkpoints: readonly Pick<FoundCheckpoint, "metrics">[]): string[] {
  return [...new Set(checkpoints.flatMap(({ metrics }) => Object.keys(metrics)))].slice(0, MAX_METRICS);
}
