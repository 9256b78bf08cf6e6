import { getCheckpointMtimes } from "@tfsaver/checkpoint-files";
import { replacementFilename, STATE_FILENAME } from "@tfsaver/checkpoint-names";
import { type CheckpointState, getCheckpointState, updateCheckpointState } from "@tfsaver/checkpoint-state";
import { isCheckpointError, NotFoundError, type OperationOptions } from "@tfsaver/core";
import { isAbsolutePath, joinPath, normalizePath, readFile, type Storage, writeFileAtomically } from "@tfsaver/storage";
import { defaultStorage, workingDirectory } from "@tfsaver/storage/default";
import { type FolderReport, verifyCheckpoints } from "./verify-folder.js";

/** Options of {@link repairCheckpointState}. */
export interface RepairStateOptions extends OperationOptions {
  /** Where the folder is. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Name of the state file. Default: `checkpoint`. */
  readonly latestFilename?: string | undefined;
  /** Write nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
}

/** What {@link repairCheckpointState} did, or would do. */
export interface RepairStateReport {
  /** The state file. */
  readonly file: string;
  /** Whether it was, or would be, written: it is left alone if it says what it should. */
  readonly changed: boolean;
  /** What it names now, oldest first. */
  readonly checkpoints: readonly string[];
  /** Where the old one is kept, if there was one that was changed. */
  readonly keptAside: string | undefined;
  /** What was found in the folder. */
  readonly verified: FolderReport;
}

/**
 * Makes the state file of a folder anew: names the checkpoints that are good, as {@link verifyCheckpoints} finds them and in
 * that order. Where the old file can be read, those that it does not name stay unnamed if they are older than those that
 * it does, for they are likely kept for good; absolute paths stay absolute, and timestamps stay. Otherwise all are named, by
 * relative paths. The old file is kept beside the new one, as `checkpoint.broken` or with a number behind.
 *
 * @throws `NotFoundError` if there is no such folder or no good checkpoint in it, with nothing changed; the storage's errors.
 */
export async function repairCheckpointState(
  folder: string,
  options: RepairStateOptions = {},
): Promise<RepairStateReport> {
  const { latestFilename = STATE_FILENAME, dryRun = false } = options;
  const storage = options.storage ?? defaultStorage();
  const file = joinPath(folder, latestFilename);
  const verified = await verifyCheckpoints(folder, { ...options, storage });
  const checkpoints = toBeNamed(verified);
  const newest = checkpoints.at(-1);
  if (newest === undefined) {
    throw new NotFoundError(`${file} can't be made: there is no good checkpoint in ${folder || "."}`, { path: folder });
  }
  const old = await oldState(folder, file, storage);
  const report = { file, checkpoints, verified };
  if (old !== undefined && saysSo(old, checkpoints)) return { ...report, changed: false, keptAside: undefined };
  const keptAside = (await storage.stat(file)) === undefined ? undefined : await freeName(`${file}.broken`, storage);
  if (dryRun) return { ...report, changed: true, keptAside };
  if (keptAside !== undefined) {
    await writeFileAtomically(storage, keptAside, await readFile(storage, file), replacementFilename(keptAside));
  }
  const isAbsolute = old?.isAbsolute ?? false;
  const stored = (path: string) => (isAbsolute ? joinPath(workingDirectory(), path) : path);
  await updateCheckpointState(folder, stored(newest), {
    allModelCheckpointPaths: checkpoints.map(stored),
    allModelCheckpointTimestamps: await timestamps(old, checkpoints, storage),
    lastPreservedTimestamp: old?.state.lastPreservedTimestamp,
    saveRelativePaths: !isAbsolute && isAbsolutePath(folder),
    latestFilename,
    storage,
  });
  return { ...report, changed: true, keptAside };
}

function toBeNamed({ checkpoints }: FolderReport): string[] {
  const good = checkpoints.filter((checkpoint) => checkpoint.good);
  const first = good.findIndex(({ inState }) => inState);
  return good.slice(Math.max(first, 0)).map(({ prefix }) => prefix);
}

/** A state file that can be read. */
interface OldState {
  readonly state: CheckpointState;
  /** Whether it has absolute paths. */
  readonly isAbsolute: boolean;
  /** Where the newest checkpoint that it names lies, and where all do. */
  readonly latest: string;
  readonly paths: readonly string[];
}

async function oldState(folder: string, file: string, storage: Storage): Promise<OldState | undefined> {
  try {
    // Without a folder, the paths come as they are stored.
    const state = await getCheckpointState("", { latestFilename: file, storage, onWarning: () => undefined });
    if (state === undefined) return undefined;
    const { modelCheckpointPath: latest, allModelCheckpointPaths: paths } = state;
    const placed = (path: string) => place(joinPath(folder, path));
    return { state, isAbsolute: isAbsolutePath(latest), latest: placed(latest), paths: paths.map(placed) };
  } catch (error) {
    if (!isCheckpointError(error, "ValueError", "DataLossError")) throw error;
    return undefined;
  }
}

function place(path: string): string {
  return normalizePath(joinPath(workingDirectory(), path));
}

function saysSo({ latest, paths }: OldState, checkpoints: readonly string[]): boolean {
  const places = checkpoints.map(place);
  return latest === places.at(-1) && paths.length === places.length && paths.every((path, i) => path === places[i]);
}

/** One for each checkpoint, if the old state has one for each of its own: those it lacks are the files'. */
async function timestamps(
  old: OldState | undefined,
  checkpoints: readonly string[],
  storage: Storage,
): Promise<number[]> {
  const times = old?.state.allModelCheckpointTimestamps ?? [];
  if (old === undefined || times.length === 0 || times.length !== old.paths.length) return [];
  const known = new Map(old.paths.map((path, i) => [path, times[i]]));
  const result: number[] = [];
  for (const path of checkpoints) {
    result.push(known.get(place(path)) ?? (await getCheckpointMtimes([path], { storage }))[0] ?? 0);
  }
  return result;
}

async function freeName(path: string, storage: Storage): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? path : `${path}-${number}`;
    if ((await storage.stat(name)) === undefined) return name;
  }
}
