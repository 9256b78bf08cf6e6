import { removeCheckpoint } from "@tfsaver/checkpoint-files";
import type { WarningListener } from "@tfsaver/core";
import type { RetentionDecision, RetentionPolicy } from "@tfsaver/retention";
import type { Storage } from "@tfsaver/storage";

/** Options of {@link applyRetention}. */
export interface RemovalOptions {
  readonly storage: Storage;
  readonly version: number;
  readonly metaGraphSuffix: string;
  /** Folder outside of which only the saver's own checkpoints are removed: the path of any other may come from a file. */
  readonly directory: string;
  /** Tells if a file must stay, whatever the path of a checkpoint says. */
  readonly isProtected: (file: string) => Promise<boolean>;
  /** Tells if the saver itself wrote a checkpoint. */
  readonly isOwn: (path: string) => boolean;
  readonly onWarning: WarningListener;
  readonly onRetention: ((decision: RetentionDecision) => void) | undefined;
}

/**
 * Removes the checkpoints that a retention policy does not keep, then reports all decisions. Failures are warnings, never
 * errors: the new checkpoint is saved.
 */
export async function applyRetention(policy: RetentionPolicy, options: RemovalOptions): Promise<void> {
  const { storage, version, metaGraphSuffix, onWarning, directory, isOwn, isProtected } = options;
  const decisions = policy.decide();
  for (const { action, checkpoint } of decisions) {
    if (action !== "delete") continue;
    const { path } = checkpoint;
    const within = isOwn(path) ? undefined : directory;
    try {
      await removeCheckpoint(path, {
        ...{ storage, version, metaGraphSuffix, onWarning, within, isProtected },
        literal: true,
      });
    } catch (error) {
      onWarning(`Ignoring: ${(error as Error).message}`);
    }
  }
  for (const decision of decisions) {
    try {
      options.onRetention?.(decision);
    } catch (error) {
      onWarning(`onRetention failed for ${decision.checkpoint.path}: ${(error as Error).message}`);
    }
  }
}
