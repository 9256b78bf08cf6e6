import { throwIfAborted, type WarningListener } from "@tfsaver/core";
import { type CallOptions, joinPath, type Storage } from "@tfsaver/storage";
import type { FoundCheckpoint } from "./found-checkpoint.js";
import { findInFolder } from "./in-folder.js";

/** Folders that are looked into at most; a home folder that was dropped by mistake has more. */
const MAX_FOLDERS = 2000;

/** What lies in a folder and in all folders below it. */
export interface Below {
  readonly checkpoints: readonly FoundCheckpoint[];
  /** Number of files. */
  readonly files: number;
}

/** Finds the checkpoints in a folder and in all folders below it. */
export async function findBelow(
  top: string,
  storage: Storage,
  onWarning: WarningListener,
  { signal }: CallOptions,
): Promise<Below> {
  const checkpoints: FoundCheckpoint[] = [];
  const folders = [top];
  let files = 0;
  for (const folder of folders) {
    throwIfAborted(signal);
    const entries = await storage.list(folder === "" ? "." : folder);
    const names = entries.filter(({ kind }) => kind === "file").map(({ name }) => name);
    files += names.length;
    if (names.length > 0) {
      for (const checkpoint of await findInFolder(folder, names, storage, onWarning)) checkpoints.push(checkpoint);
    }
    const inside = entries.filter(({ kind }) => kind === "directory").map(({ name }) => joinPath(folder, name));
    if (folders.length + inside.length > MAX_FOLDERS) {
      onWarning(`There are more than ${MAX_FOLDERS} folders; not all were searched. Open a folder further inside`);
    }
    for (const folder of inside.sort().slice(0, MAX_FOLDERS - folders.length)) folders.push(folder);
  }
  return { checkpoints, files };
}
