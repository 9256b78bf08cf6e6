import { portableBasename } from "@tfsaver/checkpoint-files";
import { STATE_FILENAME, savedModelPrefix } from "@tfsaver/checkpoint-names";
import { identifyFile, resolvePrefix } from "@tfsaver/checkpoint-reader";
import { resolveCheckpoint, statedPaths } from "@tfsaver/checkpoint-state";
import { formatCount } from "@tfsaver/checkpoint-tools/printing";
import { isCheckpointError, NotFoundError, type WarningListener } from "@tfsaver/core";
import { interchangeFormat } from "@tfsaver/interchange";
import { type CallOptions, dirname, joinPath, type Storage } from "@tfsaver/storage";
import { bundleExists } from "@tfsaver/tensor-bundle";
import { stepOf } from "../../model/step.js";
import { findBelow } from "./below.js";
import type { Found, FoundCheckpoint } from "./found-checkpoint.js";
import { findInFolder, ifPossible, ofOtherFormat } from "./in-folder.js";

/**
 * Finds the checkpoints of a storage, and which of them a path means.
 *
 * @param path - a prefix, any file of a checkpoint, a file of another format, a state file, or a folder with all below it
 * @throws `NotFoundError`, with what was found instead.
 */
export async function findCheckpoints(path: string, storage: Storage, options: CallOptions): Promise<Found> {
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  const folder = await ifPossible(() => storage.list(path === "" ? "." : path));
  if (folder !== undefined) {
    const { checkpoints, files } = await findBelow(path, storage, onWarning, options);
    const chosen = checkpoints.findLast(({ isLatest }) => isLatest) ?? newest(checkpoints);
    if (chosen === undefined) throw await nothingIn(path, files, storage);
    return { checkpoints, chosen: chosen.path, warnings };
  }
  const format = interchangeFormat(path);
  if (format !== undefined) {
    const file = await ofOtherFormat(path, format, dirname(path), storage);
    return { checkpoints: [file], chosen: path, warnings };
  }
  const onServer = (await ifPossible(() => storage.list(dirname(path) || "."))) === undefined;
  const chosen = onServer
    ? await resolveOnServer(path, storage, onWarning)
    : await resolveCheckpoint(path, { storage, onWarning });
  const beside = await besides(chosen, onServer, storage, onWarning);
  const checkpoints = beside.some((one) => one.path === chosen) ? beside : [...beside, single(chosen)];
  return { checkpoints, chosen, warnings };
}

/** Returns the newest; of several folders, that of the last. */
function newest(checkpoints: readonly FoundCheckpoint[]): FoundCheckpoint | undefined {
  return checkpoints.reduce<FoundCheckpoint | undefined>(
    (best, one) => (best === undefined || (one.modifiedMs ?? 0) >= (best.modifiedMs ?? 0) ? one : best),
    undefined,
  );
}

function single(path: string): FoundCheckpoint {
  return {
    path,
    format: "V2",
    bytesToOpen: 0,
    folder: dirname(path),
    modifiedMs: undefined,
    step: stepOf(path),
    metrics: {},
    inState: false,
    isLatest: false,
  };
}

/** Finds the other checkpoints of a folder: where it can't be listed, those that its state file names. */
async function besides(
  chosen: string,
  onServer: boolean,
  storage: Storage,
  onWarning: WarningListener,
): Promise<FoundCheckpoint[]> {
  const folder = dirname(chosen);
  if (onServer) {
    const stated = await statedPaths(folder, { storage, onWarning });
    const paths = stated.map((path) => here(folder, path));
    return paths.map((path, i) => ({ ...single(path), folder, inState: true, isLatest: i === paths.length - 1 }));
  }
  const entries = await storage.list(folder === "" ? "." : folder);
  const names = entries.filter(({ kind }) => kind === "file").map(({ name }) => name);
  return findInFolder(folder, names, storage, onWarning);
}

/** Finds the checkpoint that a path means which is no folder and no state file. */
async function resolveOne(path: string, storage: Storage, onWarning: WarningListener): Promise<string | undefined> {
  if (path === STATE_FILENAME || path.endsWith(`/${STATE_FILENAME}`)) return undefined;
  if (await bundleExists(storage, path)) return path;
  // A server may answer with a page, such as its own list of a folder.
  if ((await quietly(() => identifyFile(path, storage)))?.kind === "web-page") return undefined;
  return resolveCheckpoint(path, { storage, onWarning });
}

/** Finds the checkpoint that a path means on a server that does not list folders. */
async function resolveOnServer(path: string, storage: Storage, onWarning: WarningListener): Promise<string> {
  const isFolder = path === "" || path.endsWith("/");
  if (!isFolder) {
    const resolved = await quietly(() => resolveOne(path, storage, onWarning));
    if (resolved !== undefined) return resolved;
  }
  const isStateFile = path === STATE_FILENAME || path.endsWith(`/${STATE_FILENAME}`);
  const folder = isStateFile ? dirname(path) : path;
  const latest = (await statedPaths(folder, { storage, onWarning })).at(-1);
  if (latest !== undefined) return here(folder, latest);
  const inSavedModel = await quietly(() => resolvePrefix(savedModelPrefix(folder), { storage }));
  if (inSavedModel !== undefined) return inSavedModel;
  throw new NotFoundError(
    `${path || "/"}: no checkpoint is there, and as a folder it has no file ${STATE_FILENAME} and no SavedModel. ` +
      "A web server does not list its folders: give the address of a checkpoint itself, such as that of its .index file",
    { path },
  );
}

/** Returns the path of a checkpoint of a state file, which lies beside it, whatever its path was where it was written. */
function here(folder: string, path: string): string {
  return joinPath(folder, portableBasename(path));
}

/** Runs a search. Undefined if it finds nothing or something else; other errors, such as no answer, are thrown. */
async function quietly<T>(search: () => Promise<T>): Promise<T | undefined> {
  try {
    return await search();
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError", "DataLossError", "InvalidArgumentError", "ValueError"))
      return undefined;
    throw error;
  }
}

/** Folders in each other, through which the only file is looked for. */
const MAX_DEPTH = 16;

/** Says that there is no checkpoint, and what the only file is, if there is one. */
async function nothingIn(path: string, files: number, storage: Storage): Promise<NotFoundError> {
  const place = path === "" ? "What you opened" : path;
  if (files === 0) return new NotFoundError(`${place} has no files`, { path });
  const only = files === 1 ? await onlyFile(path, storage) : undefined;
  if (only !== undefined) {
    const identified = await quietly(() => identifyFile(only, storage));
    const what = identified === undefined ? "" : `: it is ${identified.description}`;
    return new NotFoundError(`${only} is no file of a checkpoint${what}`, { path });
  }
  return new NotFoundError(
    `${place} has no checkpoint, but ${formatCount(files, "other file")}. A checkpoint has a file that ends in .index, and data ` +
      "files beside it",
    { path },
  );
}

/** Finds the only file below a folder; undefined if it has neighbors. */
async function onlyFile(path: string, storage: Storage): Promise<string | undefined> {
  let at = path;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const [only, more] = await storage.list(at === "" ? "." : at);
    if (only === undefined || more !== undefined) return undefined;
    at = joinPath(at, only.name);
    if (only.kind === "file") return at;
  }
  return undefined;
}
