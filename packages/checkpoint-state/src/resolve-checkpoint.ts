import { checkpointExists, listCheckpoints } from "@tfsaver/checkpoint-files";
import {
  indexFilename,
  isSavedModelFilename,
  parseCheckpointFilename,
  STATE_FILENAME,
  savedModelPrefix,
  shardFilespec,
} from "@tfsaver/checkpoint-names";
import { identifyFile, openCheckpoint, resolvePrefix } from "@tfsaver/checkpoint-reader";
import { isCheckpointError, NotFoundError, type WarningListener, warnOnConsole } from "@tfsaver/core";
import { basename, dirname, escapeGlob, joinPath, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { bundleExists } from "@tfsaver/tensor-bundle";
import { getCheckpointState } from "./get-checkpoint-state.js";

/** Options of {@link resolveCheckpoint}. */
export interface ResolveOptions {
  /** Storage to search. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Called with warnings. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

/** Options with the defaults filled in. */
type Search = Required<{ readonly [K in keyof ResolveOptions]: NonNullable<ResolveOptions[K]> }>;

/**
 * Finds the prefix of the checkpoint that a path refers to. The path may be
 *
 * - a prefix. If a V2 checkpoint has exactly this name, it takes precedence.
 * - a file of the checkpoint: the `.index`, any `.data-00000-of-00001`, or the `.meta`; for a sharded V1 checkpoint any
 *   `-00000-of-00002`, or the part before that.
 * - a folder, or a state file, whatever its name is: the latest checkpoint that the state file names, also after the folder
 *   was moved. A folder whose state file is missing or can't be used, with a warning then, is accepted if it has a single
 *   checkpoint.
 * - the folder of a SavedModel, or its `saved_model.pb`: the checkpoint `variables/variables` in it.
 *
 * @returns the prefix for `openCheckpoint`; for a sharded V1 checkpoint a pattern, `…-?????-of-00002`
 * @throws `NotFoundError`, with the names that were tried; the storage's errors.
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { resolveCheckpoint } from "@tfsaver/checkpoint-state";
 *
 * const reader = await openCheckpoint(await resolveCheckpoint("run")); // the latest checkpoint of a folder
 * ```
 */
export async function resolveCheckpoint(path: string, options: ResolveOptions = {}): Promise<string> {
  const { storage = defaultStorage(), onWarning = warnOnConsole } = options;
  const search = { storage, onWarning };
  if (path === "") throw new NotFoundError("No checkpoint: the path is empty", { path });
  if (await bundleExists(storage, path)) return path;
  const found = await storage.stat(path);
  if (found?.kind === "directory") return inFolder(path, STATE_FILENAME, search);
  if (found !== undefined && isSavedModelFilename(basename(path)))
    return inFolder(dirname(path), STATE_FILENAME, search);
  if (found !== undefined && (await isStateFile(path, storage))) return inFolder(dirname(path), basename(path), search);
  const prefix = await resolvePrefix(path, { storage });
  if (prefix !== undefined) return allShards(prefix) ?? prefix;
  const { prefix: named } = parseCheckpointFilename(path);
  const tried = new Set([indexFilename(path), path, indexFilename(named), named]);
  if (found !== undefined) tried.delete(path);
  throw new NotFoundError(`No checkpoint at ${path}: there is no ${[...tried].join(", nor ")}`, { path });
}

/** Returns the pattern of all shards of a V1 checkpoint, as TensorFlow writes it, from the name of one. */
function allShards(path: string): string | undefined {
  const { role, prefix, numShards } = parseCheckpointFilename(path);
  return role === "slices" && numShards !== undefined ? shardFilespec(escapeGlob(prefix), numShards) : undefined;
}

/** True if a file is a state file by its content or, unless it can be opened as a V1 checkpoint, by its name. */
async function isStateFile(path: string, storage: Storage): Promise<boolean> {
  if (basename(path) === STATE_FILENAME) return !(await opens(path, storage));
  const kind = (await identifyFile(path, storage))?.kind;
  if (kind !== "state-file" && kind !== "text") return false;
  return (await readState("", path, { storage, onWarning: () => undefined })) !== undefined;
}

async function opens(path: string, storage: Storage): Promise<boolean> {
  try {
    await (await openCheckpoint(path, { storage })).close();
    return true;
  } catch (error) {
    if (isCheckpointError(error)) return false;
    throw error;
  }
}

/** Reads a state file. Undefined if there is none and, with a warning, if it can't be used. */
async function readState(folder: string, latestFilename: string, { storage, onWarning }: Search) {
  try {
    return await getCheckpointState(folder, { latestFilename, storage, onWarning, findMoved: true });
  } catch (error) {
    if (!isCheckpointError(error, "ValueError", "DataLossError")) throw error;
    onWarning(`${joinPath(folder, latestFilename)} is ignored: ${error.message}`);
    return undefined;
  }
}

/** Finds the latest checkpoint of a folder. */
async function inFolder(folder: string, latestFilename: string, search: Search): Promise<string> {
  const state = await readState(folder, latestFilename, search);
  if (state === undefined) return onlyOne(folder, latestFilename, search.storage);
  const latest = state.modelCheckpointPath;
  if (await checkpointExists(latest, search)) return latest;
  const others = await existing(folder, latestFilename, search.storage);
  const instead = others.length === 0 ? "" : `. The folder has ${others.join(", ")}: pass one of them`;
  throw new NotFoundError(
    `No checkpoint in ${folder || "."}: ${joinPath(folder, latestFilename)} names ${latest}, but there is no ` +
      `${indexFilename(latest)}${instead}`,
    { path: folder },
  );
}

/** Finds the only checkpoint of a folder without a usable state file. */
async function onlyOne(folder: string, latestFilename: string, storage: Storage): Promise<string> {
  const names = await existing(folder, latestFilename, storage);
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  const inSavedModel = savedModelPrefix(folder);
  if (only === undefined && (await bundleExists(storage, inSavedModel))) return inSavedModel;
  const there =
    only === undefined
      ? `nor any ${indexFilename("")} file`
      : `and the folder has several checkpoints: ${names.sort().join(", ")}. Pass one of them`;
  throw new NotFoundError(
    `No checkpoint in ${folder || "."}: there is no usable ${joinPath(folder, latestFilename)} file, ${there}`,
    { path: folder },
  );
}

/** Returns the prefixes of the checkpoints of a folder that are there, oldest first. */
async function existing(folder: string, latestFilename: string, storage: Storage): Promise<string[]> {
  const listed = await listCheckpoints(folder, { storage, latestFilename });
  const isThere = await Promise.all(listed.map(({ prefix }) => checkpointExists(prefix, { storage })));
  return listed.filter((_, i) => isThere[i]).map(({ prefix }) => prefix);
}
