import { checkpointsInFolder, getCheckpointMtimes, portableBasename } from "@tfsaver/checkpoint-files";
import { getCheckpointState } from "@tfsaver/checkpoint-state";
import { isCheckpointError, type WarningListener } from "@tfsaver/core";
import type { CheckpointRecord } from "@tfsaver/retention";
import { basename, joinPath, type Storage } from "@tfsaver/storage";
import { RecordFile } from "./record-file.js";

/** Returns records of the checkpoints that exist, with the times of their files. */
export async function recordsOfFiles(paths: readonly string[], storage: Storage): Promise<CheckpointRecord[]> {
  const records: CheckpointRecord[] = [];
  for (const path of paths) {
    const [time] = await getCheckpointMtimes([path], { storage });
    if (time !== undefined) records.push({ path, time });
  }
  return records;
}

/** Options of {@link recoverRecords}. */
export interface RecoverOptions {
  readonly storage: Storage;
  readonly latestFilename: string;
  readonly onWarning: WarningListener;
}

/**
 * Returns records of the checkpoints that the state file of a directory lists and that exist. Only looks in that directory:
 * a path in a file must not lead retention anywhere else.
 *
 * @throws the storage's errors: an earlier run's checkpoints must not be forgotten because a storage can't be reached.
 */
export async function recoverRecords(directory: string, options: RecoverOptions): Promise<CheckpointRecord[]> {
  const { storage, latestFilename, onWarning } = options;
  const state = await getCheckpointState(directory, { storage, latestFilename, onWarning }).catch((error: unknown) => {
    if (!isCheckpointError(error, "DataLossError", "ValueError")) throw error;
    onWarning(`No earlier checkpoints are recovered: ${error.message}`);
    return undefined;
  });
  if (state === undefined) return [];
  const known = await new RecordFile(directory, latestFilename, storage).read(onWarning);
  // After a folder was moved, its checkpoints are still in it, whatever the paths in the file say.
  const paths = state.allModelCheckpointPaths;
  const stated = new Set(paths.flatMap((path) => [basename(path), portableBasename(path)]));
  const found = await checkpointsInFolder(directory, stated, storage);
  const names = new Set(paths.map((path) => (found.has(basename(path)) ? basename(path) : portableBasename(path))));
  const records: CheckpointRecord[] = [];
  for (const name of names) {
    const checkpoint = found.get(name);
    if (!checkpoint?.exists) continue;
    const time = Math.floor(checkpoint.modifiedMs / 1000);
    records.push({ path: joinPath(directory, name), time, ...known.get(name) });
  }
  return records;
}
