import { checkpointExists, getCheckpointState } from "@tfsaver/checkpoint-state";
import { NotFoundError, type WarningListener, warnOnConsole } from "@tfsaver/core";
import { basename, dirname, joinPath, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { indexFilename } from "@tfsaver/tensor-bundle";

/** Options of {@link resolveCheckpoint}. */
export interface ResolveOptions {
  /** Where to look. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Told what is odd about the files but no error. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

const STATE_FILENAME = "checkpoint";

/** What the files of a checkpoint add to its prefix. */
const ENDINGS = /(?:\.index|\.meta|\.data-\d{5,}-of-\d{5,})$/;

/**
 * The prefix of the checkpoint that a path means. The path may be
 *
 * - a prefix, and if one of exactly this name exists, it is taken for nothing else;
 * - one of its files: the `.index`, any `.data-00000-of-00001`, or the `.meta`;
 * - a folder, or the `checkpoint` file in it: the latest checkpoint that the file names. If the folder was moved and
 *   the file has the old place, the checkpoint of that name beside the file is found, with a warning. A folder without
 *   the file, but with a single checkpoint, is that checkpoint.
 *
 * @throws `NotFoundError` that says what was looked for; `ValueError` if the `checkpoint` file names no checkpoint.
 */
export async function resolveCheckpoint(path: string, options: ResolveOptions = {}): Promise<string> {
  const storage = options.storage ?? defaultStorage();
  if (path === "") throw new NotFoundError("No checkpoint: the path is empty", { path });
  if ((await storage.stat(indexFilename(path))) !== undefined) return path;
  const found = await storage.stat(path);
  if (found?.kind === "directory") return inFolder(path, { ...options, storage });
  if (found !== undefined && basename(path) === STATE_FILENAME) {
    return inFolder(dirname(path), { ...options, storage });
  }
  const prefix = path.replace(ENDINGS, "");
  const tried = [indexFilename(path), path];
  if (prefix !== path && basename(prefix) !== "") {
    if (await checkpointExists(prefix, { storage })) return prefix;
    tried.push(indexFilename(prefix), prefix);
  } else if (await checkpointExists(path, { storage })) {
    return path;
  }
  const missing = tried.filter((name) => name !== path || found === undefined);
  throw new NotFoundError(`No checkpoint at ${path}: there is no ${missing.join(", nor ")}`, { path });
}

/** The latest checkpoint of a folder. */
async function inFolder(folder: string, options: ResolveOptions & { readonly storage: Storage }): Promise<string> {
  const { storage, onWarning = warnOnConsole } = options;
  const state = await getCheckpointState(folder, { storage, onWarning });
  if (state === undefined) return onlyOne(folder, storage);
  const latest = state.modelCheckpointPath;
  if (await checkpointExists(latest, { storage })) return latest;
  const stateFile = joinPath(folder, STATE_FILENAME);
  const beside = joinPath(folder, basename(latest));
  if (beside !== latest && (await checkpointExists(beside, { storage }))) {
    onWarning(`${stateFile} names ${latest}, which is not there; taking ${beside}`);
    return beside;
  }
  throw new NotFoundError(
    `No checkpoint in ${folder || "."}: ${stateFile} names ${latest}, but there is no ${indexFilename(latest)}`,
    { path: folder },
  );
}

/** The checkpoint of a folder that has no usable state. */
async function onlyOne(folder: string, storage: Storage): Promise<string> {
  const names = (await storage.list(folder === "" ? "." : folder))
    .filter(({ name, kind }) => kind === "file" && name.length > ".index".length && name.endsWith(".index"))
    .map(({ name }) => joinPath(folder, name.slice(0, -".index".length)));
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  const there = names.length === 0 ? "nor any .index file" : `and there are several: ${names.sort().join(", ")}`;
  throw new NotFoundError(
    `No checkpoint in ${folder || "."}: there is no usable ${joinPath(folder, STATE_FILENAME)} file, ${there}`,
    { path: folder },
  );
}
