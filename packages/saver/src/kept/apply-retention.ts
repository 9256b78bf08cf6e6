import { removeCheckpoint } from "@tfsaver/checkpoint-state";
import { AssertionError, type WarningListener } from "@tfsaver/core";
import type { CheckpointRecord, RetentionDecision, RetentionPolicy } from "@tfsaver/retention";
import type { Storage } from "@tfsaver/storage";

/** How the checkpoints of a saver are removed. */
export interface RemovalOptions {
  readonly storage: Storage;
  readonly version: number;
  readonly metaGraphSuffix: string;
  /** The folder that checkpoints which are not the saver's own must lie in, for they may come from a file. */
  readonly directory: string;
  /** Whether the saver itself has written a checkpoint. */
  readonly isOwn: (path: string) => boolean;
  readonly onWarning: WarningListener;
  readonly onRetention: ((decision: RetentionDecision) => void) | undefined;
}

/**
 * Carries out what a retention policy has decided, all of it, and then tells of it. Failures, to remove or of the listener,
 * are warned of, never thrown: the checkpoint is saved.
 */
export async function carryOut(policy: RetentionPolicy, options: RemovalOptions): Promise<void> {
  const { storage, version, metaGraphSuffix, onWarning, directory, isOwn } = options;
  const decisions = policy.decide();
  for (const { action, checkpoint } of decisions) {
    if (action !== "delete") continue;
    const { path } = checkpoint;
    const within = isOwn(path) ? undefined : directory;
    try {
      await removeCheckpoint(path, { storage, version, metaGraphSuffix, onWarning, literal: true, within });
    } catch (error) {
      onWarning(`Ignoring: ${(error as Error).message}`);
    }
  }
  for (const decision of decisions) {
    try {
      options.onRetention?.(decision);
    } catch (error) {
      onWarning(`onRetention has failed for ${decision.checkpoint.path}: ${(error as Error).message}`);
    }
  }
}

/** Checkpoints of which it is not known when they were saved: TensorFlow's policy takes them for the newest. */
export function recordsOfPaths(paths: readonly string[]): CheckpointRecord[] {
  if (!Array.isArray(paths)) throw new AssertionError("The last checkpoints must be an array of paths");
  return paths.map((path) => ({ path, time: Number.POSITIVE_INFINITY }));
}

/** Checkpoints with the time at which they were saved, in seconds since 1970. */
export function recordsWithTime(checkpoints: readonly (readonly [path: string, time: number])[]): CheckpointRecord[] {
  if (!Array.isArray(checkpoints)) throw new AssertionError("The last checkpoints must be an array of [path, time]");
  return checkpoints.map(([path, time]) => ({ path, time }));
}
