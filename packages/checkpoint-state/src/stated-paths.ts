import { STATE_FILENAME } from "@tfsaver/checkpoint-names";
import { isCheckpointError, warnOnConsole } from "@tfsaver/core";
import { joinPath } from "@tfsaver/storage";
import { getCheckpointState } from "./get-checkpoint-state.js";
import type { StateFileOptions } from "./options.js";

/**
 * Returns the paths that the state file of a directory names, newest last: for `listCheckpoints`. Empty without a state
 * file and, with a warning, if the state file can't be used.
 *
 * @throws the storage's errors.
 *
 * @example
 * ```ts
 * import { statedPaths } from "@tfsaver/checkpoint-state";
 *
 * console.log(await statedPaths("run"));
 * ```
 */
export async function statedPaths(directory: string, options: StateFileOptions = {}): Promise<string[]> {
  try {
    const state = await getCheckpointState(directory, options);
    if (state === undefined) return [];
    const { modelCheckpointPath, allModelCheckpointPaths } = state;
    return [...allModelCheckpointPaths.filter((path) => path !== modelCheckpointPath), modelCheckpointPath];
  } catch (error) {
    if (!isCheckpointError(error, "ValueError", "DataLossError")) throw error;
    const file = joinPath(directory, options.latestFilename ?? STATE_FILENAME);
    (options.onWarning ?? warnOnConsole)(`${file} is ignored: ${error.message}`);
    return [];
  }
}
