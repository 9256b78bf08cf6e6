import { checkpointExists } from "@tfsaver/checkpoint-files";
import { warnOnConsole } from "@tfsaver/core";
import { getCheckpointState } from "./get-checkpoint-state.js";
import type { StateFileOptions } from "./options.js";

/**
 * Returns the newest checkpoint that the state file of a directory names (`tf.train.latest_checkpoint`). Undefined if there
 * is no usable state file or, with a warning, if the files of that checkpoint are gone; older ones are not tried.
 *
 * @throws as {@link getCheckpointState}; the storage's errors: "there is none" is only said of files that could be looked for.
 *
 * @example
 * ```ts
 * import { latestCheckpoint } from "@tfsaver/checkpoint-state";
 *
 * console.log(await latestCheckpoint("run")); // run/model.ckpt-7
 * ```
 */
export async function latestCheckpoint(directory: string, options: StateFileOptions = {}): Promise<string | undefined> {
  const path = (await getCheckpointState(directory, options))?.modelCheckpointPath;
  if (path === undefined || (await checkpointExists(path, { ...options, literal: true }))) return path;
  const warn = options.onWarning ?? warnOnConsole;
  warn(`Couldn't match files for checkpoint ${path}`);
  return undefined;
}
