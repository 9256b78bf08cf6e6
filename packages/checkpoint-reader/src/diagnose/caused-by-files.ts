import { isCheckpointError } from "@tfsaver/core";
import { diagnoseCheckpoint } from "./diagnose.js";
import type { DiagnoseOptions } from "./problem.js";

/** Kinds of error that prove damage. */
const DAMAGED = ["DataLossError", "OutOfRangeError"] as const;

/** Kinds of error that say nothing about a checkpoint's files. */
const NOT_OF_FILES = [
  "AbortedError",
  "CancelledError",
  "DeadlineExceededError",
  "PermissionDeniedError",
  "ResourceExhaustedError",
  "RuntimeError",
  "UnavailableError",
] as const;

/**
 * Tells if a checkpoint could not be restored because its files are damaged or missing. False for every other cause: names or
 * shapes that do not fit, a storage that can't be reached, a signal.
 *
 * Never throws, because the caller has an error already.
 *
 * @param error - the error of the restore
 * @param prefix - the checkpoint that was to be restored
 *
 * @example
 * ```ts
 * import { isCausedByFiles, openCheckpoint } from "@tfsaver/checkpoint-reader";
 *
 * try {
 *   await openCheckpoint("run/model.ckpt-7");
 * } catch (error) {
 *   if (!(await isCausedByFiles(error, "run/model.ckpt-7"))) throw error;
 *   console.log("damaged, or incomplete");
 * }
 * ```
 */
export async function isCausedByFiles(error: unknown, prefix: string, options: DiagnoseOptions = {}): Promise<boolean> {
  if (!isCheckpointError(error) || isCheckpointError(error, ...NOT_OF_FILES)) return false;
  if (isCheckpointError(error, ...DAMAGED)) return true;
  try {
    // Other kinds may be about the graph; then the files are in order.
    return (await diagnoseCheckpoint(prefix, options)).length > 0;
  } catch (diagnosis) {
    // If the files can't be looked at, nothing is known about them.
    return isCheckpointError(diagnosis, "NotFoundError");
  }
}
