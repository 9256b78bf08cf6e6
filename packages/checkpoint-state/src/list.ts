import { isCheckpointError } from "@tfsaver/core";
import { basename, joinPath, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { checkpointFiles } from "./checkpoint-files.js";
import { checkpointsIn, type FolderCheckpoint, stepOf } from "./folder-files.js";
import { getCheckpointState } from "./get.js";
import { DEFAULT_STATE_FILENAME, type StateFileOptions, warnOnConsole } from "./options.js";
import { liesIn } from "./within.js";

/** A checkpoint of a folder: there are files of it, or the state file names it. */
export interface ListedCheckpoint {
  /** For `openCheckpoint`; of a sharded V1 checkpoint that is a pattern. */
  readonly prefix: string;
  /** Of what is not there, V2 is assumed. */
  readonly format: "V1" | "V2";
  /** Whether the state file names it. */
  readonly inState: boolean;
  /** When it was written last, in milliseconds since 1970; `undefined` if nothing of it is there. */
  readonly modifiedMs: number | undefined;
}

/**
 * All checkpoints of a folder, whole or not, oldest first: those of which files lie there, and those that the state file
 * names. Temporary files of saves count for nothing.
 *
 * Those in the state file come in its order. The others come behind them if they are newer than the last of them, by
 * their step, where both have one, and their time; else before them. Among each other they come in the order of their
 * steps; one without comes behind those that are older.
 *
 * A state file that can't be used is a warning.
 *
 * @throws `NotFoundError` if there is no such folder, and whatever else the storage reports.
 */
export async function listCheckpoints(folder: string, options: StateFileOptions = {}): Promise<ListedCheckpoint[]> {
  const storage = options.storage ?? defaultStorage();
  const stated = await statedPaths(folder, { ...options, storage });
  const found = await checkpointsIn(folder, new Set(stated.map((path) => basename(path))), storage);
  found.delete(options.latestFilename ?? DEFAULT_STATE_FILENAME);
  const listed: ListedCheckpoint[] = [];
  for (const path of stated) {
    const elsewhere = liesIn(folder, path) ? undefined : await newestFile(path, storage);
    // A folder that was moved has its checkpoints still, whatever the paths in the file say.
    const here = found.get(basename(path));
    if (elsewhere === undefined) found.delete(basename(path));
    const there = elsewhere ?? here ?? { prefix: path, format: "V2", modifiedMs: undefined };
    if (!listed.some(({ prefix }) => prefix === there.prefix)) listed.push({ ...there, inState: true });
  }
  const others = inOrder([...found.values()]).map((checkpoint) => ({ ...checkpoint, inState: false }));
  const last = listed.at(-1);
  const isLater = (one: ListedCheckpoint) => last !== undefined && isNewer(one, last);
  return [...others.filter((one) => !isLater(one)), ...listed, ...others.filter(isLater)];
}

/** Paths in the state file, the newest one last. */
async function statedPaths(folder: string, options: StateFileOptions): Promise<string[]> {
  try {
    const state = await getCheckpointState(folder, options);
    if (state === undefined) return [];
    const { modelCheckpointPath, allModelCheckpointPaths } = state;
    return [...allModelCheckpointPaths.filter((path) => path !== modelCheckpointPath), modelCheckpointPath];
  } catch (error) {
    if (!isCheckpointError(error, "ValueError", "DataLossError")) throw error;
    (options.onWarning ?? warnOnConsole)(`${joinPath(folder, DEFAULT_STATE_FILENAME)} is ignored: ${error.message}`);
    return [];
  }
}

async function newestFile(prefix: string, storage: Storage): Promise<FolderCheckpoint | undefined> {
  const [file] = await checkpointFiles(storage, prefix);
  const stat = file === undefined ? undefined : await storage.stat(file);
  if (file === undefined || stat?.kind !== "file") return undefined;
  return { prefix, format: file === `${prefix}.index` ? "V2" : "V1", modifiedMs: stat.modifiedMs };
}

function inOrder(checkpoints: readonly FolderCheckpoint[]): FolderCheckpoint[] {
  const step = ({ prefix }: FolderCheckpoint) => stepOf(prefix) ?? 0;
  const hasStep = ({ prefix }: FolderCheckpoint) => stepOf(prefix) !== undefined;
  const byTime = (a: FolderCheckpoint, b: FolderCheckpoint) => a.modifiedMs - b.modifiedMs;
  const ordered = checkpoints.filter(hasStep).sort((a, b) => step(a) - step(b) || byTime(a, b));
  for (const one of checkpoints.filter((checkpoint) => !hasStep(checkpoint)).sort(byTime)) {
    ordered.splice(ordered.findLastIndex((other) => byTime(other, one) <= 0) + 1, 0, one);
  }
  return ordered;
}

function isNewer(one: ListedCheckpoint, last: ListedCheckpoint): boolean {
  const [step, lastStep] = [stepOf(one.prefix), stepOf(last.prefix)];
  if (step !== undefined && lastStep !== undefined && step < lastStep) return false;
  return (one.modifiedMs ?? 0) >= (last.modifiedMs ?? 0);
}
