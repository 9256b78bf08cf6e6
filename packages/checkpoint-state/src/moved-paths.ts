import { checkpointExists, checkpointsInFolder, portableBasename } from "@tfsaver/checkpoint-files";
import { isCheckpointError, type WarningListener } from "@tfsaver/core";
import { basename, joinPath, type Storage } from "@tfsaver/storage";

/**
 * Finds checkpoints whose folder was moved or copied, also from another system: a path that names nothing, while a checkpoint
 * of the same name lies in the folder of the state file.
 *
 * @param paths - paths of a state file, joined to the directory
 * @returns new paths by the old ones, for those that were found
 */
export async function findMovedPaths(
  paths: ReadonlySet<string>,
  directory: string,
  storage: Storage,
  warn: WarningListener,
): Promise<ReadonlyMap<string, string>> {
  const names = new Set([...paths].flatMap((path) => [basename(path), portableBasename(path)]));
  const found = await checkpointsInFolder(directory, names, storage);
  const moved = new Map<string, string>();
  for (const path of paths) {
    const name = found.get(basename(path))?.exists ? basename(path) : portableBasename(path);
    const here = joinPath(directory, name);
    if (here === path || !found.get(name)?.exists || (await existsElsewhere(path, storage))) continue;
    warn(`${path} is gone; ${here} is used instead`);
    moved.set(path, here);
  }
  return moved;
}

/** A path of another storage, or one that no storage can have, names nothing here. */
async function existsElsewhere(path: string, storage: Storage): Promise<boolean> {
  try {
    return await checkpointExists(path, { storage, literal: true });
  } catch (error) {
    if (isCheckpointError(error, "InvalidArgumentError", "UnimplementedError")) return false;
    throw error;
  }
}
