import { replacementFilename, STATE_FILENAME } from "@tfsaver/checkpoint-names";
import { FailedPreconditionError, RuntimeError, requireString } from "@tfsaver/core";
import { checkpointStateToText } from "@tfsaver/proto/checkpoint-state";
import { isAbsolutePath, joinPath, type Storage, writeFileAtomically } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import type { StateFileOptions } from "./options.js";
import { type CheckpointStateFields, generateCheckpointStateProto, relativeTo } from "./state-proto.js";

/** Options of {@link updateCheckpointState}. */
export interface UpdateCheckpointStateOptions extends CheckpointStateFields, StateFileOptions {
  /**
   * Writes absolute paths as relative ones too, so that the directory can be moved or copied with its checkpoints
   * (`save_relative_paths` of TensorFlow's `Saver`). For an absolute `saveDir` only: with a relative one the paths are
   * rewritten twice, as in TensorFlow, and name the wrong place. Default: false.
   */
  readonly saveRelativePaths?: boolean | undefined;
}

/**
 * Writes the state file of `saveDir` (`tf.compat.v1.train.update_checkpoint_state`). A reader sees the old file or
 * the new one, never a part.
 *
 * @throws `ValueError` as {@link generateCheckpointStateProto}; `RuntimeError` if the checkpoint would have the path of the
 * state file; `FailedPreconditionError` if the state file is a folder; `NotFoundError` if the directory does not exist; the
 * storage's errors.
 *
 * @example
 * ```ts
 * import { updateCheckpointState } from "@tfsaver/checkpoint-state";
 *
 * await updateCheckpointState("run", "run/model.ckpt-7", { allModelCheckpointPaths: ["run/model.ckpt-6"] });
 * ```
 */
export async function updateCheckpointState(
  saveDir: string,
  modelCheckpointPath: string,
  options: UpdateCheckpointStateOptions = {},
): Promise<void> {
  requireString(saveDir, "saveDir");
  requireString(modelCheckpointPath, "modelCheckpointPath");
  const file = joinPath(saveDir, options.latestFilename ?? STATE_FILENAME);
  const first = (path: string) =>
    options.saveRelativePaths && isAbsolutePath(path) ? relativeTo(saveDir, path) : path;
  const state = generateCheckpointStateProto(saveDir, first(modelCheckpointPath), {
    ...options,
    allModelCheckpointPaths: options.allModelCheckpointPaths?.map(first),
  });
  if (file === state.modelCheckpointPath) {
    throw new RuntimeError(
      `Save path '${modelCheckpointPath}' conflicts with path used for checkpoint state.  ` +
        "Please use a different save path.",
      { path: file },
    );
  }
  const text = new TextEncoder().encode(checkpointStateToText(state));
  const storage = options.storage ?? defaultStorage();
  try {
    await writeFileAtomically(storage, file, text, replacementFilename(file));
  } catch (error) {
    throw (await isFolder(file, storage)) ? folderError(file, error) : error;
  }
}

async function isFolder(file: string, storage: Storage): Promise<boolean> {
  const stat = await storage.stat(file).catch(() => undefined);
  return stat?.kind === "directory";
}

function folderError(file: string, cause: unknown): FailedPreconditionError {
  return new FailedPreconditionError(
    `${file} is a folder, so the state file can't be written there. Remove it, or give the state file another name by the ` +
      "option `latestFilename`.",
    { path: file, cause },
  );
}
