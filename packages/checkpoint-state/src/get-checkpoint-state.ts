import { STATE_FILENAME } from "@tfsaver/checkpoint-names";
import {
  DataLossError,
  FailedPreconditionError,
  isCheckpointError,
  requireString,
  ValueError,
  warnOnConsole,
} from "@tfsaver/core";
import { type CheckpointState, checkpointStateFromText } from "@tfsaver/proto/checkpoint-state";
import { getFile, joinPath } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { findMovedPaths } from "./moved-paths.js";
import type { StateFileOptions } from "./options.js";

/** Limit of a state file in bytes. 100,000 checkpoints take about a third of it. */
const MAX_STATE_BYTES = 16 << 20;

/**
 * Reads the state file of a directory (`tf.train.get_checkpoint_state`). Relative paths are joined to `directory` as they
 * are; `.` and `..` stay. Undefined if there is no file and, with two warnings, if it can't be parsed.
 *
 * The paths are data from the file: they need not exist, nor lie in the directory.
 *
 * @throws `TypeError` if `directory` is not a string; `FailedPreconditionError` if it is a file; `ValueError` if the file names no newest checkpoint, as an empty file;
 * `DataLossError` if it is not UTF-8; the storage's errors. Unlike TensorFlow, which takes a state file that can't be read for
 * none: a job that resumes would start from zero.
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
  requireString(directory, "directory");
  const storage = options.storage ?? defaultStorage();
  const warn = options.onWarning ?? warnOnConsole;
  const file = joinPath(directory, options.latestFilename ?? STATE_FILENAME);
  const ignore = (reason: string): undefined => {
    warn(reason);
    warn(`${file}: Checkpoint ignored`);
  };
  let found: Awaited<ReturnType<typeof getFile>>;
  try {
    found = await getFile(storage, file, { maxBytes: MAX_STATE_BYTES });
  } catch (error) {
    const stat = await storage.stat(file).catch(() => undefined);
    if (stat?.kind === "directory") return ignore(`${file} is a folder, not a state file`);
    if (stat === undefined || stat.size <= MAX_STATE_BYTES) throw error;
    return ignore(`${file} has ${stat.size} bytes, and no state file has more than ${MAX_STATE_BYTES}`);
  }
  if (found === undefined) {
    if ((await storage.stat(directory || "."))?.kind === "file") throw fileError(directory);
    return undefined;
  }
  const { bytes } = found;
  const state = parseState(await decodeUtf8(bytes, file));
  if (state instanceof Error) {
    const foreign = await identifyForeign(bytes);
    return ignore(foreign === undefined ? `${state.name}: ${state.message}` : `${file} is ${foreign}`);
  }
  if (state.modelCheckpointPath === "") {
    throw new ValueError(`Invalid checkpoint state loaded from ${directory}`, { path: file });
  }
  const { modelCheckpointPath, allModelCheckpointPaths } = state;
  const paths = [modelCheckpointPath, ...allModelCheckpointPaths].map((path) => joinPath(directory, path));
  const moved = options.findMoved ? await findMovedPaths(new Set(paths), directory, storage, warn) : undefined;
  const [newest = "", ...all] = paths.map((path) => moved?.get(path) ?? path);
  return { ...state, modelCheckpointPath: newest, allModelCheckpointPaths: all };
}

function fileError(directory: string): FailedPreconditionError {
  return new FailedPreconditionError(`${directory} is a file: pass the folder of the checkpoints`, { path: directory });
}

/** Returns the state, or the error if the text is none. */
function parseState(text: string): CheckpointState | Error {
  try {
    return checkpointStateFromText(text);
  } catch (error) {
    if (isCheckpointError(error)) return error;
    throw error;
  }
}

async function decodeUtf8(bytes: Uint8Array, path: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const what = (await identifyForeign(bytes)) ?? "not valid UTF-8";
    throw new DataLossError(`${path} is not a checkpoint state: it is ${what}`, { path, cause });
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
