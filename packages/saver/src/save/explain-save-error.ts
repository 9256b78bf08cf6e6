import { isCheckpointError, ValueError } from "@tfsaver/core";
import { dirname, type Storage } from "@tfsaver/storage";

/** The error of a save: where the folder is missing, TensorFlow's words for that; else the error itself. */
export async function explainSaveError(error: unknown, savePath: string, storage: Storage): Promise<unknown> {
  if (!isCheckpointError(error, "FailedPreconditionError", "NotFoundError")) return error;
  const parent = dirname(savePath);
  // What went wrong first is what counts, whatever becomes of this.
  const stat = await storage.stat(parent).catch(() => undefined);
  if (parent === "" || stat?.kind === "directory") return error;
  return new ValueError(`Parent directory of ${savePath} doesn't exist, can't save.`, { path: parent, cause: error });
}
