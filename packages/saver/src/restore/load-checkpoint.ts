import { type CheckpointReader, type OpenCheckpointOptions, openCheckpoint } from "@tfsaver/checkpoint-reader";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { requireString, ValueError } from "@tfsaver/core";
import { defaultStorage } from "@tfsaver/storage/default";

/**
 * Opens a checkpoint by its prefix, or the newest one of a folder (`tf.train.load_checkpoint`).
 *
 * @throws `ValueError` if the folder has no checkpoint; otherwise as `openCheckpoint`.
 *
 * @example
 * ```ts
 * import { loadCheckpoint } from "@tfsaver/saver";
 *
 * const reader = await loadCheckpoint("run");
 * console.log((await reader.get("weights")).data);
 * await reader.close();
 * ```
 */
export async function loadCheckpoint(
  directoryOrPrefix: string,
  options: OpenCheckpointOptions = {},
): Promise<CheckpointReader> {
  requireString(directoryOrPrefix, "directoryOrPrefix");
  const storage = options.storage ?? defaultStorage();
  if ((await storage.stat(directoryOrPrefix))?.kind !== "directory") return openCheckpoint(directoryOrPrefix, options);
  const prefix = await latestCheckpoint(directoryOrPrefix, { storage });
  if (prefix !== undefined) return openCheckpoint(prefix, options);
  throw new ValueError(`Couldn't find 'checkpoint' file or checkpoints in given directory ${directoryOrPrefix}`, {
    path: directoryOrPrefix,
  });
}
