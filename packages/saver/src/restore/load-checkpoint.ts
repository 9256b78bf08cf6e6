import { listCheckpoints } from "@tfsaver/checkpoint-files";
import { type CheckpointReader, type OpenCheckpointOptions, openCheckpoint } from "@tfsaver/checkpoint-reader";
import { resolveCheckpoint } from "@tfsaver/checkpoint-state";
import { isCheckpointError, requireString, ValueError } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";

/**
 * Opens a checkpoint by its prefix, or the newest one of a folder (`tf.train.load_checkpoint`). Unlike in TensorFlow, a file of
 * a checkpoint, a state file and a SavedModel stand for their checkpoint, and so does a folder for its only one, as
 * `resolveCheckpoint` says.
 *
 * @throws `ValueError` if the folder has no checkpoint, or several and no state file that names one; otherwise as
 * `openCheckpoint`.
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
  return openCheckpoint(await resolve(directoryOrPrefix, storage), options);
}

/** Returns the prefix of a checkpoint. If there is none, a path that is no folder stays, for the error of opening it. */
async function resolve(path: string, storage: Storage): Promise<string> {
  try {
    return await resolveCheckpoint(path, { storage });
  } catch (cause) {
    if (!isCheckpointError(cause, "NotFoundError")) throw cause;
    if ((await storage.stat(path))?.kind !== "directory") return path;
    const why = (await listCheckpoints(path, { storage })).length === 0 ? "" : `. ${cause.message}`;
    throw new ValueError(`Couldn't find 'checkpoint' file or checkpoints in given directory ${path}${why}`, {
      path,
      cause,
    });
  }
}
