import {
  checkpointExists,
  checkpointIdentity,
  findDebris,
  listCheckpoints,
  portableBasename,
} from "@tfsaver/checkpoint-files";
import { parseCheckpointFilename, parseShardFilespec, STATE_FILENAME } from "@tfsaver/checkpoint-names";
import { type CheckpointState, getCheckpointState } from "@tfsaver/checkpoint-state";
import { isCheckpointError } from "@tfsaver/core";
import { basename, joinPath, type Storage } from "@tfsaver/storage";

/** A checkpoint, or the state file, from which the run does not go on. */
export interface PassedOver {
  readonly path: string;
  /** Why the run does not go on from it. */
  readonly reason: string;
}

/** The checkpoints that a run may go on from. */
export interface Candidates {
  /** The one that the state file names as the latest, then the others of the folder, newest first. */
  readonly paths: readonly string[];
  /** The state file, if it is damaged. */
  readonly damaged: readonly PassedOver[];
}

/** Options of {@link findCandidates}. */
export interface CandidateOptions {
  readonly prefix: string;
  readonly storage: Storage;
}

/**
 * Finds the checkpoints that a run may go on from: those that the state file names, and those of the folder with this prefix,
 * whole or not. None if there is no such folder.
 *
 * @throws the storage's errors: "there is none" is only said of a folder that was read.
 */
export async function findCandidates(directory: string, options: CandidateOptions): Promise<Candidates> {
  const { storage } = options;
  const { state, damaged } = await readState(directory, storage);
  if (state === undefined) {
    const hasFolder = (await storage.stat(directory || ".")) !== undefined;
    return { paths: hasFolder ? await newestFirst(directory, options, undefined) : [], damaged };
  }
  const latest = await findMoved(state.modelCheckpointPath, directory, storage);
  return { paths: await withFirst(latest, await newestFirst(directory, options, state), storage), damaged };
}

/** Puts a path first, and leaves out its other spellings. */
async function withFirst(first: string, others: readonly string[], storage: Storage): Promise<string[]> {
  const paths = [first];
  for (const path of others) {
    const isSame =
      basename(path) === basename(first) &&
      (await checkpointIdentity(path, storage)) === (await checkpointIdentity(first, storage));
    if (!isSame) paths.push(path);
  }
  return paths;
}

/** Reads the state file, or tells what is wrong with it. */
async function readState(
  directory: string,
  storage: Storage,
): Promise<{ readonly state?: CheckpointState; readonly damaged: readonly PassedOver[] }> {
  const path = joinPath(directory, STATE_FILENAME);
  const warnings: string[] = [];
  const onStateWarning = (message: string) => void warnings.push(message);
  try {
    const state = await getCheckpointState(directory, { storage, onWarning: onStateWarning });
    if (state !== undefined) return { state, damaged: [] };
    return { damaged: warnings.length === 0 ? [] : [{ path, reason: warnings.join("; ") }] };
  } catch (error) {
    if (!isCheckpointError(error, "ValueError", "DataLossError")) throw error;
    return { damaged: [{ path, reason: error.message }] };
  }
}

/** Returns the path of a checkpoint; after its folder was moved, the one that it has now. */
async function findMoved(path: string, directory: string, storage: Storage): Promise<string> {
  const exists = await checkpointExists(path, { storage, literal: true }).catch((error: unknown) => {
    // A path of another storage names nothing here.
    if (isCheckpointError(error, "InvalidArgumentError", "UnimplementedError")) return false;
    throw error;
  });
  return exists ? path : joinPath(directory, portableBasename(path));
}

async function newestFirst(
  directory: string,
  { prefix, storage }: CandidateOptions,
  state: CheckpointState | undefined,
): Promise<readonly string[]> {
  // Only this folder is searched: a state file may name any number of paths elsewhere.
  const named = state === undefined ? [] : [...state.allModelCheckpointPaths, state.modelCheckpointPath];
  const stated = named.map((path) => joinPath(directory, portableBasename(path)));
  try {
    const listed = await listCheckpoints(directory, { storage, stated });
    const unfinished = await unfinishedIn(directory, storage);
    const isOwn = (path: string) => isOfPrefix(path, prefix) && !unfinished.has(path);
    const own = listed.filter((one) => one.modifiedMs !== undefined && (one.inState || isOwn(one.prefix)));
    return own.map((one) => one.prefix).reverse();
  } catch (error) {
    // Where folders can't be listed, the state file says what is there.
    if (state === undefined || !isCheckpointError(error, "UnimplementedError")) throw error;
    return stated.reverse();
  }
}

/** Returns the prefixes of checkpoints that never existed: data files of a first save that was interrupted before its index. */
async function unfinishedIn(directory: string, storage: Storage): Promise<ReadonlySet<string>> {
  const debris = await findDebris(directory, { storage });
  const files = debris.filter(({ action }) => action === "remove").map(({ path }) => parseCheckpointFilename(path));
  return new Set(files.filter(({ role, stage }) => role === "data" && stage === "final").map((file) => file.prefix));
}

/** True if a checkpoint was saved under a prefix, with a step or without. */
function isOfPrefix(path: string, prefix: string): boolean {
  const name = basename(parseShardFilespec(path)?.prefix ?? path);
  return name === prefix || (name.startsWith(`${prefix}-`) && /^\d+$/.test(name.slice(prefix.length + 1)));
}

/** Returns the step number in the name of a checkpoint; 0 if it has none. */
export function stepOfName(path: string): number {
  const name = basename(parseShardFilespec(path)?.prefix ?? path);
  return Number(/-(\d+)$/.exec(name)?.[1] ?? 0);
}
