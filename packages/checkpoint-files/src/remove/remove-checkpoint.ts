import {
  allDataPattern,
  allStagedDataPattern,
  indexFilename,
  META_GRAPH_SUFFIX,
  metaGraphFilename,
  parseCheckpointFilename,
  parseShardFilespec,
  removingFilename,
  stagedIndexFilename,
} from "@tfsaver/checkpoint-names";
import { isCheckpointError, PermissionDeniedError, type WarningListener, warnOnConsole } from "@tfsaver/core";
import { finishShards } from "@tfsaver/saved-tensor-slices/shards";
import { basename, dirname, escapeGlob, glob, type Storage, storageAt, writeFileAtomically } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { settleBundle } from "@tfsaver/tensor-bundle";
import { literalPattern } from "../find/literal-pattern.js";
import { namesBeginningWith } from "../find/names-in-folder.js";
import type { StorageOptions } from "../options.js";
import { liesInFolder } from "./lies-in-folder.js";
import { REMOVAL_MARK } from "./removal-mark.js";

/** Options of {@link removeCheckpoint}. */
export interface RemoveCheckpointOptions extends StorageOptions {
  /** Format of the checkpoint: 1 or 2 (`SaverDef.version`). Default: 2. */
  readonly version?: number | undefined;
  /** Ending of the meta graph file to remove. Default: `meta`. */
  readonly metaGraphSuffix?: string | undefined;
  /**
   * Takes the prefix as a path, never as a pattern, apart from the `-?????-of-00002` of a sharded V1 checkpoint. Default:
   * false, as in TensorFlow: a prefix of which nothing exists by its very name is a pattern.
   */
  readonly literal?: boolean | undefined;
  /**
   * Removes only files that lie directly in this folder. For a prefix that comes from a file, such as the state file, which
   * must not lead anywhere else. Implies `literal`. Default: a prefix may lie anywhere.
   */
  readonly within?: string | undefined;
  /** Tells if a file must stay although it matches. It stays with a warning. Default: none. */
  readonly isProtected?: ((file: string) => Promise<boolean>) | undefined;
}

/**
 * Removes a checkpoint's files (`tf.compat.v1.train.remove_checkpoint`), in this order: the meta graph; for V2 the `.index`,
 * then every `.data-?????-of-?????`; for V1 the file or files of the prefix. Touches nothing else, and no directory. The
 * index gets a temporary name until the data files are gone, or, where nothing can be renamed, a small file has that name: so
 * `removeDebris` knows them after an interruption.
 *
 * The prefix is a pattern, unless a checkpoint of exactly this name exists: then only that one is removed, where TensorFlow
 * would remove others instead. A file that vanishes meanwhile is a warning.
 *
 * @throws `PermissionDeniedError`, with nothing removed, if the prefix does not lie `within` the folder; the storage's
 * errors: files behind the one that failed stay.
 *
 * @example
 * ```ts
 * import { removeCheckpoint } from "@tfsaver/checkpoint-files";
 *
 * await removeCheckpoint("run/model.ckpt-7", { literal: true });
 * ```
 */
export async function removeCheckpoint(prefix: string, options: RemoveCheckpointOptions = {}): Promise<void> {
  const { version = 2, metaGraphSuffix = META_GRAPH_SUFFIX, within, literal = within !== undefined } = options;
  if (within !== undefined && !liesInFolder(within, prefix)) {
    throw new PermissionDeniedError(
      `${JSON.stringify(prefix)} does not lie directly in the folder ${JSON.stringify(within || ".")}; nothing was removed`,
      { path: prefix },
    );
  }
  const storage = storageAt(options.storage ?? defaultStorage(), prefix);
  const warn = options.onWarning ?? warnOnConsole;
  const removeFile = async (file: string) => {
    if (await options.isProtected?.(file)) {
      warn(`${file} is not removed: it is in use, although it has the name of a file of ${prefix}`);
      return;
    }
    await unlessGone(file, warn, () => (version === 2 ? removeV2File(storage, file) : storage.remove(file)));
  };
  // Staged shards would come back in the place of those that are removed.
  if (version !== 2) await finishShards(storage, parseShardFilespec(prefix)?.prefix ?? prefix);
  if (literal && version === 2) {
    for (const file of await filesOfBundle(prefix, metaGraphFilename(prefix, metaGraphSuffix), storage)) {
      await removeFile(file);
    }
    return;
  }
  const named = version === 2 ? escapeGlob(prefix) : literalPattern(prefix);
  const asNamed = literal || (await anyMatch(storage, filePatterns(named, version)));
  const patterns = asNamed
    ? [escapeGlob(metaGraphFilename(prefix, metaGraphSuffix)), ...filePatterns(named, version)]
    : [metaGraphFilename(prefix, metaGraphSuffix), ...filePatterns(prefix, version)];
  for (const pattern of patterns) {
    for (const file of await glob(storage, pattern)) await removeFile(file);
  }
}

/**
 * Removes the index and data files of a V2 checkpoint, but not its meta graph. Removing the index is the step: what can't be
 * removed behind it is debris, with a warning.
 *
 * @throws the storage's errors if the index can't be removed. The checkpoint stands then.
 */
export async function removeBundle(prefix: string, storage: Storage, warn: WarningListener): Promise<void> {
  // A staged index would come back in the place of the one that is removed.
  await settleBundle(storage, prefix);
  await removeV2File(storage, indexFilename(prefix));
  try {
    await storage.syncDirectory(dirname(prefix));
    for (const pattern of filePatterns(escapeGlob(prefix), 2)) {
      for (const file of await glob(storage, pattern)) await unlessGone(file, warn, () => storage.remove(file));
    }
  } catch (error) {
    warn(`Files of the replaced checkpoint ${prefix} could not be removed: ${(error as Error).message}`);
  }
}

/**
 * Returns patterns for the files to remove, in order. The staged index goes first: it would take the place of the index.
 * The index that marks the removal goes last: it proves that the data files are debris.
 */
function filePatterns(prefix: string, version: number): string[] {
  if (version !== 2) return [prefix];
  return [
    stagedIndexFilename(prefix),
    indexFilename(prefix),
    allDataPattern(prefix),
    allStagedDataPattern(prefix),
    removingFilename(prefix),
  ];
}

/** Lists the files of a V2 checkpoint in the order of {@link filePatterns}, the meta graph first. */
async function filesOfBundle(prefix: string, metaGraph: string, storage: Storage): Promise<string[]> {
  const start = prefix.slice(0, prefix.length - basename(prefix).length);
  const names = await namesBeginningWith(basename(prefix), dirname(prefix), storage);
  const paths = [...names].map((name) => start + name).sort();
  const ofStage = (role: "index" | "data", stage: "final" | "staged" | "removing") =>
    paths.filter((path) => {
      const file = parseCheckpointFilename(path);
      return file.role === role && file.stage === stage && file.prefix === prefix;
    });
  const index = ofStage("index", "final");
  return [
    ...paths.filter((path) => path === metaGraph),
    ...[...ofStage("index", "staged"), ...index, ...ofStage("data", "final"), ...ofStage("data", "staged")],
    ...new Set([...ofStage("index", "removing"), ...index.map(() => removingFilename(prefix))]),
  ];
}

async function removeV2File(storage: Storage, file: string): Promise<void> {
  const { role, stage, prefix } = parseCheckpointFilename(file);
  const isIndex = role === "index" && stage === "final";
  if (isIndex && storage.capabilities.atomicRename) return storage.rename(file, removingFilename(prefix));
  if (isIndex) await writeFileAtomically(storage, removingFilename(prefix), REMOVAL_MARK);
  return storage.remove(file);
}

async function anyMatch(storage: Storage, patterns: readonly string[]): Promise<boolean> {
  for (const pattern of patterns) if ((await glob(storage, pattern)).length > 0) return true;
  return false;
}

async function unlessGone(file: string, warn: WarningListener, remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!isCheckpointError(error, "NotFoundError")) throw error;
    warn(`NotFoundError: ${file} was gone before it could be removed; is another process removing it too?`);
  }
}
