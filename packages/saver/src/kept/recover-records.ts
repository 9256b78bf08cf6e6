import { getCheckpointMtimes, getCheckpointState } from "@tfsaver/checkpoint-state";
import { isCheckpointError, type WarningListener } from "@tfsaver/core";
import type { CheckpointRecord } from "@tfsaver/retention";
import { basename, joinPath, type Storage } from "@tfsaver/storage";
import { RecordFile } from "./record-file.js";

/** Those of the checkpoints that exist, with the time of their files. */
export async function recordsOfFiles(paths: readonly string[], storage: Storage): Promise<CheckpointRecord[]> {
  const records: CheckpointRecord[] = [];
  for (const path of paths) {
    const [time] = await getCheckpointMtimes([path], { storage });
    if (time !== undefined) records.push({ path, time });
  }
  return records;
}

/** Where to look for what an earlier saver has left. */
export interface RecoverOptions {
  readonly storage: Storage;
  readonly latestFilename: string;
  readonly onWarning: WarningListener;
}

/**
 * The checkpoints that the state file of a directory lists, as far as they exist, with all that is known of them. Only
 * what lies in that directory: a path in a file must not lead retention anywhere else.
 */
export async function recoverRecords(directory: string, options: RecoverOptions): Promise<CheckpointRecord[]> {
  const { storage, latestFilename, onWarning } = options;
  const state = await getCheckpointState(directory, { storage, latestFilename, onWarning }).catch((error: unknown) => {
    if (!isCheckpointError(error)) throw error;
    onWarning(`Nothing is recovered: ${error.message}`);
    return undefined;
  });
  if (state === undefined) return [];
  const names = new Set(state.allModelCheckpointPaths.map((path) => basename(path)));
  // A folder that was moved has its checkpoints still, whatever the paths in the file say.
  const paths = [...names].map((name) => joinPath(directory, name));
  const known = await new RecordFile(directory, latestFilename, storage).read(onWarning);
  const records = await recordsOfFiles(paths, storage);
  return records.map((record) => ({ ...record, ...known.get(basename(record.path)) }));
}
