import { indexFilename, parseShardFilespec, STATE_FILENAME } from "@tfsaver/checkpoint-names";
import { isCheckpointError } from "@tfsaver/core";
import { basename, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import type { StorageOptions } from "../options.js";
import { portableBasename } from "../portable-basename.js";
import { liesInFolder } from "../remove/lies-in-folder.js";
import { findCheckpointFiles } from "./find-files.js";
import { checkpointsInFolder, type FolderCheckpoint } from "./folder-checkpoints.js";
import { literalPattern } from "./literal-pattern.js";

/** Options of {@link listCheckpoints}. */
export interface ListCheckpointsOptions extends Pick<StorageOptions, "storage"> {
  /** Paths that the state file names, newest last (`statedPaths` of checkpoint-state). Default: none. */
  readonly stated?: readonly string[] | undefined;
  /** Name of the state file, which is no checkpoint. Default: `checkpoint`. */
  readonly latestFilename?: string | undefined;
}

/** A checkpoint of a folder: it has files there, or the state file names it. */
export interface ListedCheckpoint {
  /** For `openCheckpoint`. For a sharded V1 checkpoint, a pattern. */
  readonly prefix: string;
  /** V2 for a checkpoint that has no files. */
  readonly format: "V1" | "V2";
  /** True if the state file names it. */
  readonly inState: boolean;
  /** Time of the last write, in milliseconds since 1970; undefined if it has no files. */
  readonly modifiedMs: number | undefined;
}

/**
 * Lists the checkpoints of a folder, whole or not, oldest first: those that have files there, and those that the state file
 * names. Ignores temporary files, and data files of a checkpoint whose removal was interrupted.
 *
 * Checkpoints of the state file come in its order. The others come behind them if they are newer than the last of them, by
 * step where both have one, and by time; otherwise before them. Among each other they are sorted by step; one without a
 * step comes behind those that are older.
 *
 * @throws `NotFoundError` if there is no such folder; the storage's errors.
 *
 * @example
 * ```ts
 * import { listCheckpoints } from "@tfsaver/checkpoint-files";
 * import { statedPaths } from "@tfsaver/checkpoint-state";
 *
 * for (const { prefix, format } of await listCheckpoints("run", { stated: await statedPaths("run") })) {
 *   console.log(prefix, format);
 * }
 * ```
 */
export async function listCheckpoints(
  folder: string,
  options: ListCheckpointsOptions = {},
): Promise<ListedCheckpoint[]> {
  const { storage = defaultStorage(), stated = [], latestFilename = STATE_FILENAME } = options;
  const names = new Set(stated.flatMap((path) => [basename(path), portableBasename(path)]));
  const found = await checkpointsInFolder(folder, names, storage);
  // A V1 checkpoint of this name would be the state file itself.
  if (found.get(latestFilename)?.format === "V1") found.delete(latestFilename);
  const inState = new Map<string, ListedCheckpoint>();
  for (const path of stated) {
    const elsewhere = liesInFolder(folder, named(path)) ? undefined : await newestFile(path, storage);
    // After a folder was moved, its checkpoints are still in it, whatever the paths in the state file say.
    const name = found.has(basename(path)) ? basename(path) : portableBasename(path);
    const here = found.get(name);
    if (elsewhere === undefined) found.delete(name);
    const { prefix, format, modifiedMs } = elsewhere ?? here ?? { prefix: path, format: "V2", modifiedMs: undefined };
    if (!inState.has(prefix)) inState.set(prefix, { prefix, format, modifiedMs, inState: true });
  }
  const listed = [...inState.values()];
  const others = inOrder([...found.values()]).map(
    ({ prefix, format, modifiedMs }): ListedCheckpoint => ({ prefix, format, modifiedMs, inState: false }),
  );
  const last = listed.at(-1);
  const isLater = (one: ListedCheckpoint) => last !== undefined && isNewer(one, last);
  return [...others.filter((one) => !isLater(one)), ...listed, ...others.filter(isLater)];
}

/** Gives a name to a prefix without one, `run/`, whose files lie in the folder as others do. */
function named(prefix: string): string {
  return basename(prefix) === "" ? `${prefix}unnamed` : prefix;
}

async function newestFile(prefix: string, storage: Storage): Promise<FolderCheckpoint | undefined> {
  const [file] = await findElsewhere(prefix, storage);
  const stat = file === undefined ? undefined : await storage.stat(file);
  if (file === undefined || stat?.kind !== "file") return undefined;
  const format = file === indexFilename(prefix) ? "V2" : "V1";
  return { prefix, format, exists: true, modifiedMs: stat.modifiedMs };
}

/** A path of another storage, or one that no storage can have, names nothing here. */
async function findElsewhere(prefix: string, storage: Storage): Promise<string[]> {
  try {
    return await findCheckpointFiles(storage, literalPattern(prefix));
  } catch (error) {
    if (isCheckpointError(error, "InvalidArgumentError", "UnimplementedError")) return [];
    throw error;
  }
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

/** Returns the step number that a prefix ends with; undefined if it ends otherwise. */
function stepOf(prefix: string): number | undefined {
  const name = parseShardFilespec(prefix)?.prefix ?? prefix;
  const digits = /-(\d+)$/.exec(basename(name))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
