import { indexFilename, stagedIndexFilename } from "@tfsaver/checkpoint-names";
import { isCheckpointError, PermissionDeniedError, type WarningListener } from "@tfsaver/core";
import { finishShards } from "@tfsaver/saved-tensor-slices/shards";
import { escapeGlob, glob, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { REMOVED_SUFFIX } from "./debris-names.js";
import { metaGraphFilename, SHARD_SUFFIX } from "./meta-graph-filename.js";
import { type StorageOptions, warnOnConsole } from "./options.js";
import { liesIn } from "./within.js";

/** Options of {@link removeCheckpoint}. */
export interface RemoveCheckpointOptions extends StorageOptions {
  /** Format of the checkpoint: 1 or 2 (`SaverDef.version`). Default: 2. */
  readonly version?: number | undefined;
  /** Ending of the meta graph file to remove. Default: `meta`. */
  readonly metaGraphSuffix?: string | undefined;
  /**
   * The prefix is a path that a save gave back, never a pattern; only the `-?????-of-00002` of a sharded V1 checkpoint
   * keeps its meaning. Default: false, which is TensorFlow's way: a prefix of which nothing exists by its very name
   * is a pattern.
   */
  readonly literal?: boolean | undefined;
  /**
   * Remove nothing but what lies in this folder itself: for a prefix that comes from a file, such as the state file, which
   * must not lead anywhere else. Such a prefix is `literal` too. Default: a prefix may lie anywhere.
   */
  readonly within?: string | undefined;
}

/**
 * Removes a checkpoint's files, in this order: its meta graph; of V2 the `.index`, then every
 * `.data-?????-of-?????` (five characters each, so other numbers of digits stay); of V1 the file or files of the
 * prefix (`tf.compat.v1.train.remove_checkpoint`). Nothing else is touched, and no directory. Until the data files are
 * gone, the index is not, but has a temporary name, so that `removeDebris` knows them if this is cut short.
 *
 * The prefix is a pattern, unless a checkpoint of exactly this name exists: then only that one is removed, where
 * TensorFlow would remove others instead.
 *
 * A file that vanishes meanwhile is a warning.
 *
 * @throws `PermissionDeniedError`, with nothing removed, if the prefix does not lie `within` the folder; whatever else the
 * storage reports: the files behind the one it failed at stay.
 */
export async function removeCheckpoint(prefix: string, options: RemoveCheckpointOptions = {}): Promise<void> {
  const { version = 2, metaGraphSuffix = "meta", within, literal = within !== undefined } = options;
  if (within !== undefined && !liesIn(within, prefix)) {
    throw new PermissionDeniedError(
      `${JSON.stringify(prefix)} does not lie in the folder ${JSON.stringify(within || ".")} itself, so nothing of it is removed`,
      { path: prefix },
    );
  }
  const storage = options.storage ?? defaultStorage();
  const warn = options.onWarning ?? warnOnConsole;
  // What still waits would come back in the place of what is removed.
  if (version !== 2) await finishShards(storage, prefix.replace(SHARD_SUFFIX, ""));
  const named = escapeName(prefix, version);
  const asNamed = literal || (await anyMatch(storage, dataPatterns(named, version)));
  const patterns = asNamed
    ? [escapeGlob(metaGraphFilename(prefix, metaGraphSuffix)), ...dataPatterns(named, version)]
    : [metaGraphFilename(prefix, metaGraphSuffix), ...dataPatterns(prefix, version)];
  for (const pattern of patterns) {
    for (const file of await glob(storage, pattern)) {
      const isIndex = version === 2 && file.endsWith(".index") && storage.capabilities.atomicRename;
      await (isIndex ? markRemoved : removeFile)(storage, file, warn);
    }
  }
}

/**
 * What removing takes, in order. The index that waits to replace another would take its place, so it goes before; the mark
 * of an index that is gone tells that the data files are of no use, so it goes last.
 */
function dataPatterns(prefix: string, version: number): string[] {
  if (version !== 2) return [prefix];
  const index = indexFilename(prefix);
  const shards = "?????-of-?????";
  return [
    stagedIndexFilename(prefix),
    index,
    `${prefix}.data-${shards}`,
    `${prefix}.temp-${shards}`,
    index + REMOVED_SUFFIX,
  ];
}

function markRemoved(storage: Storage, index: string, warn: WarningListener): Promise<void> {
  return unlessGone(index, warn, () => storage.rename(index, index + REMOVED_SUFFIX));
}

/** The prefix as a pattern that matches nothing but its own files: the shards' numbers of V1 stay a pattern. */
function escapeName(prefix: string, version: number): string {
  const shards = version === 2 ? null : SHARD_SUFFIX.exec(prefix);
  return shards === null ? escapeGlob(prefix) : escapeGlob(prefix.slice(0, shards.index)) + prefix.slice(shards.index);
}

async function anyMatch(storage: Storage, patterns: readonly string[]): Promise<boolean> {
  for (const pattern of patterns) if ((await glob(storage, pattern)).length > 0) return true;
  return false;
}

function removeFile(storage: Storage, file: string, warn: WarningListener): Promise<void> {
  return unlessGone(file, warn, () => storage.remove(file));
}

async function unlessGone(file: string, warn: WarningListener, remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!isCheckpointError(error, "NotFoundError")) throw error;
    warn(`NotFoundError: ${file} was gone before it could be removed; is another process removing it too?`);
  }
}
