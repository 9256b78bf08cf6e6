import { getCheckpointMtimes } from "@tfsaver/checkpoint-files";
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
 */
export async function recoverRecords(directory: string, options: RecoverOptions): Promise<CheckpointRecord[]> {
  const { storage, latestFilename, onWarning } = options;
  const state = await getCheckpointState(directory, { storage, latestFilename, onWarning }).catch((error: unknown) => {
    if (!isCheckpointError(error)) throw error;
    onWarning(`No earlier checkpoints are recovered: ${error.message}`);
    return undefined;
  });
  if (state === undefined) return [];
  const names = new Set(state.allModelCheckpointPaths.map((path) => basename(path)));
  // After a folder was moved, its checkpoints are still in it, whatever the paths in the file say.
  const paths = [...names].map((name) => joinPath(directory, name));
  const known = await new RecordFile(directory, latestFilename, storage).read(onWarning);
  const records = await recordsOfFiles(paths, storage);
  return records.map((record) => ({ ...record, ...known.get(basename(record.path)) }));
}
