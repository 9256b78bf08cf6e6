import { findCheckpointFiles } from "@tfsaver/checkpoint-files";
import { STATE_FILENAME } from "@tfsaver/checkpoint-names";
import { DataLossError, isCheckpointError, ValueError, type WarningListener, warnOnConsole } from "@tfsaver/core";
import { type CheckpointState, checkpointStateFromText } from "@tfsaver/proto/checkpoint-state";
import { basename, joinPath, readFile, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import type { StateFileOptions } from "./options.js";

/**
 * Reads the state file of a directory (`tf.train.get_checkpoint_state`). Relative paths are joined to `directory` as they
 * are; `.` and `..` stay. Undefined if there is no file and, with two warnings, if it can't be read or parsed.
 *
 * The paths are data from the file: they need not exist, nor lie in the directory.
 *
 * @throws `ValueError` if the file names no newest checkpoint, as an empty file; `DataLossError` if it is not UTF-8.
 *
 * @example
 * ```ts
 * import { getCheckpointState } from "@tfsaver/checkpoint-state";
 *
 * console.log((await getCheckpointState("run"))?.allModelCheckpointPaths);
 * ```
 */
export async function getCheckpointState(
  directory: string,
  options: StateFileOptions = {},
): Promise<CheckpointState | undefined> {
  const storage = options.storage ?? defaultStorage();
  const warn = options.onWarning ?? warnOnConsole;
  const file = joinPath(directory, options.latestFilename ?? STATE_FILENAME);
  let bytes: Uint8Array | undefined;
  let state: CheckpointState;
  try {
    bytes = await readIfThere(storage, file);
    if (bytes === undefined) return undefined;
    state = checkpointStateFromText(await decodeUtf8(bytes, file));
  } catch (error) {
    if (!isCheckpointError(error) || error instanceof NotUtf8Error) throw error;
    const identified = bytes && (await identifyForeign(bytes));
    warn(identified === undefined ? `${error.name}: ${error.message}` : `${file} is ${identified}`);
    warn(`${file}: Checkpoint ignored`);
    return undefined;
  }
  if (state.modelCheckpointPath === "") {
    throw new ValueError(`Invalid checkpoint state loaded from ${directory}`, { path: file });
  }
  const resolved = {
    ...state,
    modelCheckpointPath: joinPath(directory, state.modelCheckpointPath),
    allModelCheckpointPaths: state.allModelCheckpointPaths.map((path) => joinPath(directory, path)),
  };
  return options.findMoved ? withMovedPaths(resolved, directory, storage, warn) : resolved;
}

async function withMovedPaths(
  state: CheckpointState,
  directory: string,
  storage: Storage,
  warn: WarningListener,
): Promise<CheckpointState> {
  const moved = new Map<string, string>();
  for (const path of new Set([state.modelCheckpointPath, ...state.allModelCheckpointPaths])) {
    const here = joinPath(directory, basename(path));
    if (here === path || (await exists(path, storage)) || !(await exists(here, storage))) continue;
    warn(`${path} is gone; ${here} is used instead`);
    moved.set(path, here);
  }
  const now = (path: string) => moved.get(path) ?? path;
  return {
    ...state,
    modelCheckpointPath: now(state.modelCheckpointPath),
    allModelCheckpointPaths: state.allModelCheckpointPaths.map(now),
  };
}

async function exists(path: string, storage: Storage): Promise<boolean> {
  return (await findCheckpointFiles(storage, path)).length > 0;
}

async function readIfThere(storage: Storage, file: string): Promise<Uint8Array | undefined> {
  if ((await storage.stat(file)) === undefined) return undefined;
  return readFile(storage, file);
}

/** A class of its own: TensorFlow raises for text that is not UTF-8, and only warns of text that is no state. */
class NotUtf8Error extends DataLossError {}

async function decodeUtf8(bytes: Uint8Array, path: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const what = (await identifyForeign(bytes)) ?? "not valid UTF-8";
    throw new NotUtf8Error(`${path} is not a checkpoint state: it is ${what}`, { path, cause });
  }
}

/** Tells what bytes are that are no state file. Undefined for text, whose error says more. */
async function identifyForeign(bytes: Uint8Array): Promise<string | undefined> {
  // Loaded only after an error.
  const { identifyBytes } = await import("@tfsaver/checkpoint-reader");
  const identified = identifyBytes(bytes);
  const isText = identified?.kind === "text" || identified?.kind === "state-file";
  return isText ? undefined : identified?.description;
}
