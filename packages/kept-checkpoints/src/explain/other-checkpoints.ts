import { listCheckpoints, portableBasename } from "@tfsaver/checkpoint-files";
import { statedPaths } from "@tfsaver/checkpoint-state";
import { dirname, joinPath, normalizePath, type Storage } from "@tfsaver/storage";

/** Returns the other checkpoints in the folder of a checkpoint, or all in a folder; newest first. */
export async function otherCheckpoints(path: string, storage: Storage): Promise<string[]> {
  const isFolder = (await storage.stat(path))?.kind === "directory";
  const folder = isFolder ? path.replace(/(?<=.)\/+$/, "") : dirname(path);
  // Only this folder is searched: a state file may name any number of paths elsewhere.
  const stated = (await statedPaths(folder, { storage, onWarning: () => undefined })).map((stated) =>
    joinPath(folder, portableBasename(stated)),
  );
  const listed = await listCheckpoints(folder, { storage, stated });
  const prefixes = listed.filter(({ modifiedMs }) => modifiedMs !== undefined).map(({ prefix }) => prefix);
  return prefixes
    .filter((prefix) => dirname(prefix) === folder && normalizePath(prefix) !== normalizePath(path))
    .reverse();
}
