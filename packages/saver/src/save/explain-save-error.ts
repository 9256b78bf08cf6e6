import { isCheckpointError, UnimplementedError, ValueError } from "@tfsaver/core";
import { dirname, type Storage } from "@tfsaver/storage";

/**
 * Returns the error to throw for a failed save: TensorFlow's message if the folder is missing; the way out if the session
 * lacks a kernel; otherwise the error itself.
 */
export async function explainSaveError(error: unknown, savePath: string, storage: Storage): Promise<unknown> {
  if (isCheckpointError(error, "UnimplementedError")) {
    return new UnimplementedError(
      `${error.message}\nTo save the variables alone: new Saver({ varList: graph.collection("variables") })`,
      { op: error.op, cause: error },
    );
  }
  if (!isCheckpointError(error, "FailedPreconditionError", "NotFoundError")) return error;
  const parent = dirname(savePath);
  // If the folder can't be looked at, the first error is the one to report.
  const stat = await storage.stat(parent).catch(() => undefined);
  if (parent === "" || stat?.kind === "directory") return error;
  return new ValueError(`Parent directory of ${savePath} doesn't exist, can't save.`, { path: parent, cause: error });
}
