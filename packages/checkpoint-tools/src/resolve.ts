import {
  allShardsPattern,
  finalFilename,
  indexFilename,
  parseCheckpointFilename,
  STATE_FILENAME,
  shardFilespec,
} from "@tfsaver/checkpoint-names";
import { NotFoundError, type WarningListener, warnOnConsole } from "@tfsaver/core";
import { sliceFiles } from "@tfsaver/saved-tensor-slices/shards";
import { basename, dirname, escapeGlob, glob, joinPath, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { bundleExists } from "@tfsaver/tensor-bundle";

/** Options of {@link resolveCheckpoint}. */
export interface ResolveOptions {
  /** Storage to search. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Called with warnings. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

/**
 * Finds the prefix of the checkpoint that a path refers to. The path may be
 *
 * - a prefix. If a V2 checkpoint has exactly this name, it takes precedence.
 * - a file of the checkpoint: the `.index`, any `.data-00000-of-00001`, or the `.meta`; for a sharded V1 checkpoint any
 *   `-00000-of-00002`, or the part before that.
 * - a folder, or the `checkpoint` file in it: the latest checkpoint that the file names. If the folder was moved and
 *   the file has the old paths, the checkpoint of the same name next to the file is used, with a warning. A folder
 *   without the file is accepted if it has a single V2 checkpoint.
 *
 * @returns the prefix for `openCheckpoint`; for a sharded V1 checkpoint a pattern, `…-?????-of-00002`
 * @throws `NotFoundError`, with the names that were tried; `ValueError` if the `checkpoint` file names no checkpoint.
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { resolveCheckpoint } from "@tfsaver/checkpoint-tools";
 *
 * const reader = await openCheckpoint(await resolveCheckpoint("run")); // the latest checkpoint of a folder
 * ```
 */
export async function resolveCheckpoint(path: string, options: ResolveOptions = {}): Promise<string> {
  const storage = options.storage ?? defaultStorage();
  if (path === "") throw new NotFoundError("No checkpoint: the path is empty", { path });
  if (await bundleExists(storage, path)) return path;
  const found = await storage.stat(path);
  if (found?.kind === "directory") return inFolder(path, { ...options, storage });
  if (found !== undefined && basename(path) === STATE_FILENAME) {
    return inFolder(dirname(path), { ...options, storage });
  }
  const file = parseCheckpointFilename(path);
  const hasEnding = file.stage === "final" && ["index", "data", "meta-graph"].includes(file.role);
  const prefix = hasEnding && basename(file.prefix) !== "" ? file.prefix : path;
  const existing = await existingPrefix(prefix, storage);
  if (existing !== undefined) return existing;
  const tried = new Set([indexFilename(path), path, indexFilename(prefix), prefix]);
  if (found !== undefined) tried.delete(path);
  throw new NotFoundError(`No checkpoint at ${path}: there is no ${[...tried].join(", nor ")}`, { path });
}

/** Returns the prefix to open a checkpoint of this name by, in either format; `undefined` if there is none. */
async function existingPrefix(prefix: string, storage: Storage): Promise<string | undefined> {
  if (await bundleExists(storage, prefix)) return prefix;
  if ((await storage.stat(prefix))?.kind === "file") return allShards(prefix) ?? prefix;
  const [match] = await glob(storage, prefix);
  if (match !== undefined && match !== prefix) return prefix;
  const [first = ""] = await sliceFiles(storage, allShardsPattern(escapeGlob(prefix)));
  return allShards(finalFilename(parseCheckpointFilename(first)));
}

/** Returns the pattern of all shards of a V1 checkpoint, as TensorFlow writes it, from the name of one. */
function allShards(path: string): string | undefined {
  const name = basename(path);
  const { role, stage, prefix, numShards } = parseCheckpointFilename(name);
  if (role !== "slices" || stage !== "final" || numShards === undefined) return undefined;
  return shardFilespec(escapeGlob(path.slice(0, path.length - name.length) + prefix), numShards);
}

/** Finds the latest checkpoint of a folder. */
async function inFolder(folder: string, options: ResolveOptions & { readonly storage: Storage }): Promise<string> {
  const { storage, onWarning = warnOnConsole } = options;
  // Loaded only for folders, to start faster.
  const [{ checkpointExists }, { getCheckpointState }] = await Promise.all([
    import("@tfsaver/checkpoint-files"),
    import("@tfsaver/checkpoint-state"),
  ]);
  const state = await getCheckpointState(folder, { storage, onWarning });
  if (state === undefined) return onlyOne(folder, storage);
  const latest = state.modelCheckpointPath;
  if (await checkpointExists(latest, { storage })) return latest;
  const stateFile = joinPath(folder, STATE_FILENAME);
  const beside = joinPath(folder, basename(latest));
  if (beside !== latest && (await checkpointExists(beside, { storage }))) {
    onWarning(`${stateFile} names ${latest}, which does not exist; using ${beside}`);
    return beside;
  }
  throw new NotFoundError(
    `No checkpoint in ${folder || "."}: ${stateFile} names ${latest}, but there is no ${indexFilename(latest)}`,
    { path: folder },
  );
}

/** Finds the only checkpoint of a folder without a usable state file. */
async function onlyOne(folder: string, storage: Storage): Promise<string> {
  const entries = await storage.list(folder === "" ? "." : folder);
  const names = entries
    .filter(({ kind }) => kind === "file")
    .map(({ name }) => parseCheckpointFilename(name))
    .filter(({ role, stage, prefix }) => role === "index" && stage === "final" && prefix !== "")
    .map(({ prefix }) => joinPath(folder, prefix));
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  const there =
    names.length === 0
      ? `nor any ${indexFilename("")} file`
      : `and the folder has several checkpoints: ${names.sort().join(", ")}. Pass one of them`;
  throw new NotFoundError(
    `No checkpoint in ${folder || "."}: there is no usable ${joinPath(folder, STATE_FILENAME)} file, ${there}`,
    { path: folder },
  );
}
