import { listCheckpoints } from "@tfsaver/checkpoint-files";
import { statedPaths } from "@tfsaver/checkpoint-state";
import type { WarningListener } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";

/** Options of {@link findInFolder}. */
export interface FindInFolderOptions {
  /** Storage of the folder. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Called with warnings. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

/**
 * Finds the checkpoints of a folder that have files, oldest first, whether or not its state file names them.
 *
 * @returns prefixes for `openCheckpoint`
 * @throws `NotFoundError` if there is no such folder; the errors of the storage.
 *
 * @example
 * ```ts
 * import { averageCheckpoints, findInFolder } from "@tfsaver/checkpoint-tools";
 *
 * await averageCheckpoints((await findInFolder("run")).slice(-5), "mean");
 * ```
 */
export async function findInFolder(folder: string, options: FindInFolderOptions = {}): Promise<string[]> {
  const { storage } = options;
  const listed = await listCheckpoints(folder, { storage, stated: await statedPaths(folder, options) });
  return listed.filter(({ modifiedMs }) => modifiedMs !== undefined).map(({ prefix }) => prefix);
}
