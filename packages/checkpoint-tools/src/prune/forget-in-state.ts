import { portableBasename } from "@tfsaver/checkpoint-files";
import { STATE_FILENAME } from "@tfsaver/checkpoint-names";
import { getCheckpointState, updateCheckpointState } from "@tfsaver/checkpoint-state";
import type { WarningListener } from "@tfsaver/core";
import { basename, isAbsolutePath, joinPath, type Storage } from "@tfsaver/storage";

/** Takes checkpoints of a folder off its state file. All other paths, and the timestamps, stay as they are. */
export async function forgetInState(
  folder: string,
  prefixes: readonly string[],
  { storage, onWarning }: { readonly storage: Storage; readonly onWarning: WarningListener | undefined },
): Promise<void> {
  // With an empty folder, the paths are returned as they are stored.
  const file = joinPath(folder, STATE_FILENAME);
  const state = await getCheckpointState("", { latestFilename: file, storage, onWarning });
  if (state === undefined) return;
  const names = new Set(prefixes.map((prefix) => basename(prefix)));
  const { allModelCheckpointPaths: paths, allModelCheckpointTimestamps: times } = state;
  const kept = paths.flatMap((path, i) => (names.has(portableBasename(path)) ? [] : [i]));
  if (kept.length === paths.length) return;
  const stored = (path: string) => (isAbsolutePath(path) || isAbsolutePath(folder) ? path : joinPath(folder, path));
  await updateCheckpointState(folder, stored(state.modelCheckpointPath), {
    allModelCheckpointPaths: kept.map((i) => stored(paths[i] as string)),
    allModelCheckpointTimestamps: times.length === paths.length ? kept.map((i) => times[i] as number) : [],
    lastPreservedTimestamp: state.lastPreservedTimestamp,
    storage,
  });
}
