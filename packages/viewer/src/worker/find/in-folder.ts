import { listCheckpoints } from "@tfsaver/checkpoint-files";
import { STATE_FILENAME } from "@tfsaver/checkpoint-names";
import { statedPaths } from "@tfsaver/checkpoint-state";
import { isCheckpointError, type WarningListener } from "@tfsaver/core";
import { interchangeFormat } from "@tfsaver/interchange";
import { type CheckpointNote, readCheckpointRecords } from "@tfsaver/kept-checkpoints";
import { basename, joinPath, type Storage } from "@tfsaver/storage";
import { stepOf } from "../../model/step.js";
import type { FoundCheckpoint } from "./found-checkpoint.js";

/**
 * Finds the checkpoints and the files of other formats that lie directly in a folder, oldest first.
 *
 * @param names - names of the files in the folder
 */
export async function findInFolder(
  folder: string,
  names: readonly string[],
  storage: Storage,
  onWarning: WarningListener,
): Promise<FoundCheckpoint[]> {
  const stated = names.includes(STATE_FILENAME) ? await statedPaths(folder, { storage, onWarning }) : [];
  const listed = await listCheckpoints(folder, { storage, stated });
  const notes = await readCheckpointRecords(folder, { storage, onWarning });
  const latest = stated.length > 0 ? listed.findLast(({ inState }) => inState)?.prefix : undefined;
  const checkpoints = listed
    .filter(({ modifiedMs }) => modifiedMs !== undefined)
    .map(({ prefix, format, inState, modifiedMs }) => ({
      ...noted(prefix, notes),
      path: prefix,
      format,
      bytesToOpen: 0,
      folder,
      modifiedMs,
      inState,
      isLatest: prefix === latest,
    }));
  return [...checkpoints, ...(await otherFormats(folder, names, storage))];
}

function noted(prefix: string, notes: ReadonlyMap<string, CheckpointNote>) {
  const { step, metrics } = notes.get(basename(prefix)) ?? {};
  return { step: step ?? stepOf(prefix), metrics: metrics ?? {} };
}

async function otherFormats(folder: string, names: readonly string[], storage: Storage): Promise<FoundCheckpoint[]> {
  const found: FoundCheckpoint[] = [];
  for (const name of [...names].sort()) {
    const format = interchangeFormat(name);
    if (format === undefined) continue;
    found.push(await ofOtherFormat(joinPath(folder, name), format, folder, storage));
  }
  return found;
}

/** Describes a file of another format. */
export async function ofOtherFormat(
  path: string,
  format: string,
  folder: string,
  storage: Storage,
): Promise<FoundCheckpoint> {
  const stat = await storage.stat(path);
  const bytesToOpen = format === "keras" ? (stat?.size ?? 0) : 0;
  const none = { step: undefined, metrics: {}, inState: false, isLatest: false };
  return { ...none, path, format, folder, bytesToOpen, modifiedMs: stat?.modifiedMs };
}

/** Runs a search that some storages can't do. Undefined for those. */
export async function ifPossible<T>(search: () => Promise<T>): Promise<T | undefined> {
  try {
    return await search();
  } catch (error) {
    if (isCheckpointError(error, "UnimplementedError", "FailedPreconditionError", "NotFoundError")) return undefined;
    throw error;
  }
}
