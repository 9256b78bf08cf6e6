import { getCheckpointMtimes } from "@tfsaver/checkpoint-files";
import { replacementFilename, STATE_FILENAME } from "@tfsaver/checkpoint-names";
import { type CheckpointState, getCheckpointState, updateCheckpointState } from "@tfsaver/checkpoint-state";
import { isCheckpointError, NotFoundError, type OperationOptions } from "@tfsaver/core";
import {
  basename,
  isAbsolutePath,
  joinPath,
  normalizePath,
  readFile,
  relativePath,
  type Storage,
  writeFileAtomically,
} from "@tfsaver/storage";
import { defaultStorage, workingDirectory } from "@tfsaver/storage/default";
import { bundleExists } from "@tfsaver/tensor-bundle";
import { type FolderReport, verifyCheckpoints } from "./verify-folder.js";

/** Options of {@link repairCheckpointState}. */
export interface RepairStateOptions extends OperationOptions {
  /** Storage to read from and write to. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Name of the state file. Default: `checkpoint`. */
  readonly latestFilename?: string | undefined;
  /** Write nothing, and report what would be written. Default: false. */
  readonly dryRun?: boolean | undefined;
}

/** Result of {@link repairCheckpointState}. */
export interface RepairStateReport {
  /** Path of the state file. */
  readonly file: string;
  /** True if the file was written, or would be without `dryRun`. False if it was right. */
  readonly changed: boolean;
  /** The checkpoints that the file names now, oldest first. */
  readonly checkpoints: readonly string[];
  /** Path of the copy of the old file; `undefined` if there was none, or it did not change. */
  readonly keptAside: string | undefined;
  /** The report on the checkpoints of the folder. */
  readonly verified: FolderReport;
}

/**
 * Rebuilds the state file of a folder from the checkpoints that {@link verifyCheckpoints} finds good, in the same
 * order. Keeps the old file as `checkpoint.broken`, or with a number appended.
 *
 * If the old file can be read, its timestamps and absolute paths stay, and checkpoints that are older than those it
 * names stay unnamed, because they were probably kept for good. Otherwise the new file names all good checkpoints, by
 * relative paths.
 *
 * @throws `NotFoundError` if the folder does not exist or has no good checkpoint, with nothing changed; the errors of
 * the storage.
 *
 * @example
 * ```ts
 * import { repairCheckpointState } from "@tfsaver/checkpoint-tools";
 *
 * const { changed, checkpoints } = await repairCheckpointState("run", { dryRun: true });
 * if (changed) console.log(`would name ${checkpoints.join(", ")}`);
 * ```
 */
export async function repairCheckpointState(
  folder: string,
  options: RepairStateOptions = {},
): Promise<RepairStateReport> {
  const { latestFilename = STATE_FILENAME, dryRun = false } = options;
  const storage = options.storage ?? defaultStorage();
  const file = joinPath(folder, latestFilename);
  const verified = await verifyCheckpoints(folder, { ...options, storage });
  const good = toBeNamed(verified);
  const checkpoints = await nameable(good, storage);
  const newest = checkpoints.at(-1);
  if (newest === undefined) {
    const [unnamed] = good;
    const why =
      unnamed === undefined
        ? `there is no good checkpoint in ${folder || "."}`
        : `${unnamed} can only be named by an absolute path. Pass the absolute path of the folder`;
    throw new NotFoundError(`${file} cannot be repaired: ${why}`, { path: folder });
  }
  const old = await oldState(folder, file, storage);
  const report = { file, checkpoints, verified };
  if (old !== undefined && saysSo(old, checkpoints)) return { ...report, changed: false, keptAside: undefined };
  const keptAside = (await storage.stat(file)) === undefined ? undefined : await freeName(`${file}.broken`, storage);
  if (dryRun) return { ...report, changed: true, keptAside };
  if (keptAside !== undefined) {
    await writeFileAtomically(storage, keptAside, await readFile(storage, file), replacementFilename(keptAside));
  }
  const stored = (path: string) => storedPath(path, { folder, latestFilename, isAbsolute: old?.isAbsolute ?? false });
  await updateCheckpointState(folder || ".", stored(newest), {
    allModelCheckpointPaths: checkpoints.map(stored),
    allModelCheckpointTimestamps: await timestamps(old, checkpoints, storage),
    lastPreservedTimestamp: old?.state.lastPreservedTimestamp,
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

/** Returns the checkpoints that a state file can name: a prefix without a name, `run/`, only by an absolute path. */
async function nameable(prefixes: readonly string[], storage: Storage): Promise<string[]> {
  const isNameable = await Promise.all(
    prefixes.map((path) => basename(path) !== "" || bundleExists(storage, joinPath(workingDirectory(), path))),
  );
  return prefixes.filter((_, i) => isNameable[i]);
}

interface Storing {
  readonly folder: string;
  readonly latestFilename: string;
  /** True if the old state file has absolute paths. */
  readonly isAbsolute: boolean;
}

/** Returns a checkpoint's path as the state file stores it, so that a reader finds the checkpoint by it. */
function storedPath(path: string, { folder, latestFilename, isAbsolute }: Storing): string {
  const name = basename(path);
  // The relative path would be `.`; the absolute one, that of the state file itself.
  if (name === "" || (isAbsolute && name !== latestFilename)) return joinPath(workingDirectory(), path);
  return isAbsolutePath(folder) ? relativePath(joinPath(workingDirectory(), path), folder) : path;
}

/** A state file that could be read. */
interface OldState {
  readonly state: CheckpointState;
  /** True if it has absolute paths. */
  readonly isAbsolute: boolean;
  /** Absolute paths of the newest checkpoint and of all that the file names. */
  readonly latest: string;
  readonly paths: readonly string[];
}

async function oldState(folder: string, file: string, storage: Storage): Promise<OldState | undefined> {
  try {
    // With an empty folder, the paths are returned as they are stored.
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

/**
 * Returns a timestamp for each checkpoint: that of the old file, or else that of the checkpoint's files. Empty if the
 * old file has none.
 */
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
