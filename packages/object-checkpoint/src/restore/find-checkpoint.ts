import { savedModelPrefix } from "@tfsaver/checkpoint-names";
import { resolvePrefix } from "@tfsaver/checkpoint-reader";
import { isCheckpointError, NotFoundError } from "@tfsaver/core";
import { joinPath, type Storage } from "@tfsaver/storage";

/** Returns the prefix that a path means: itself, or that of the checkpoint whose file it is. */
export async function prefixOf(path: string, storage: Storage): Promise<string> {
  return (await resolvePrefix(path, { storage })) ?? path;
}

/** Returns the prefix of a SavedModel's checkpoint for the folder of the SavedModel; otherwise as {@link prefixOf}. */
export async function prefixOrSavedModel(path: string, storage: Storage): Promise<string> {
  for (const name of ["saved_model.pb", "saved_model.pbtxt"]) {
    if ((await storage.stat(joinPath(path, name)))?.kind === "file") return savedModelPrefix(path);
  }
  return prefixOf(path, storage);
}

/** Returns the error of a restore with TensorFlow's hint if there is no such checkpoint. */
export function explainNotFound(error: unknown, path: string): unknown {
  // An error about a key names the key.
  if (!isCheckpointError(error, "NotFoundError") || error.tensor !== undefined) return error;
  return new NotFoundError(
    `Error when restoring from checkpoint or SavedModel at ${path}: ${error.message}\nPlease double-check that the path is ` +
      "correct. You may be missing the checkpoint suffix (e.g. the '-1' in 'path/to/ckpt-1').",
    { path: error.path ?? path, cause: error },
  );
}
