import {
  dataFilename,
  finalFilename,
  indexFilename,
  parseCheckpointFilename,
  stagedDataFilename,
  stagedIndexFilename,
} from "@tfsaver/checkpoint-names";
import type { CommitOptions } from "@tfsaver/storage";
import { basename, dirname, type FileInProgress, type Storage } from "@tfsaver/storage";

/**
 * Commits a checkpoint: gives its files their final names, so that a crash at any point leaves the old checkpoint of this
 * prefix or the new one, whole.
 *
 * For a new prefix, the data files are renamed first and the index last. Without an index there is no checkpoint.
 *
 * An existing checkpoint has several files, but it is replaced in one step. The new files, flushed, first get staged names.
 * Then the old index is removed, which is the step: from now on a reader finds no index, opens the staged one, and prefers
 * staged data files to others. At last the staged files get their final names, the index last. If a crash interrupts that,
 * {@link settleBundle} completes it.
 *
 * @param dataFiles - present paths of the data files, flushed and closed
 */
export async function commitBundle(
  storage: Storage,
  prefix: string,
  dataFiles: readonly string[],
  index: FileInProgress,
  { beforeCommit }: CommitOptions,
): Promise<void> {
  await index.seal();
  await beforeCommit?.();
  const folder = dirname(prefix);
  const path = indexFilename(prefix);
  const numShards = dataFiles.length;
  // On a storage without rename, the files were written under their final names.
  if (index.workingPath === path || !(await bundleExists(storage, prefix))) {
    const named = (shard: number) => dataFilename(prefix, shard, numShards);
    try {
      await renameAll(storage, dataFiles, named);
      await storage.syncDirectory(folder);
      await renameAll(storage, [index.workingPath], () => path);
      await storage.syncDirectory(folder);
    } catch (error) {
      if (!(await bundleExists(storage, prefix).catch(() => true)))
        await removeAll(storage, [...dataFiles.keys()].map(named));
      throw error;
    }
    return;
  }
  await settleBundle(storage, prefix);
  try {
    await renameAll(storage, dataFiles, (shard) => stagedDataFilename(prefix, shard, numShards));
    await storage.rename(index.workingPath, stagedIndexFilename(prefix));
    await storage.syncDirectory(folder);
    await storage.remove(path);
  } catch (error) {
    await settleBundle(storage, prefix).catch(() => undefined);
    throw error;
  }
  await settleBundle(storage, prefix);
}

/**
 * True if there is a V2 checkpoint of this prefix.
 *
 * @example
 * ```ts
 * import { MemoryStorage } from "@tfsaver/storage";
 * import { bundleExists } from "@tfsaver/tensor-bundle";
 *
 * console.log(await bundleExists(new MemoryStorage(), "model")); // false
 * ```
 */
export async function bundleExists(storage: Storage, prefix: string): Promise<boolean> {
  const path = indexFilename(prefix);
  // The final name is tried twice, because the index may get it between the first two attempts.
  const names = storage.capabilities.atomicRename ? [path, stagedIndexFilename(prefix), path] : [path];
  for (const file of names) {
    if ((await storage.stat(file)) !== undefined) return true;
  }
  return false;
}

/**
 * Completes or rolls back the replacement of a checkpoint that a crash interrupted. If the old index still exists, the staged
 * files are removed; otherwise they get their final names. Other files are not touched.
 *
 * Call it only while nobody else writes this checkpoint.
 *
 * @example
 * ```ts
 * import type { Storage } from "@tfsaver/storage";
 * import { settleBundle } from "@tfsaver/tensor-bundle";
 *
 * export async function recover(storage: Storage) {
 *   await settleBundle(storage, "checkpoints/model");
 * }
 * ```
 */
export async function settleBundle(storage: Storage, prefix: string): Promise<void> {
  const [path, staged, folder] = [indexFilename(prefix), stagedIndexFilename(prefix), dirname(prefix)];
  const names = new Set((await storage.list(folder === "" ? "." : folder)).map(({ name }) => name));
  const start = prefix.slice(0, prefix.length - basename(prefix).length);
  const dataFiles = [...names].map((name) => start + name).filter((path) => isStagedData(path, prefix));
  if (names.has(basename(staged)) && !names.has(basename(path))) {
    await storage.syncDirectory(folder);
    await renameAll(storage, dataFiles, (_, file) => finalFilename(parseCheckpointFilename(file)));
    await storage.syncDirectory(folder);
    await storage.rename(staged, path);
    await storage.syncDirectory(folder);
    return;
  }
  if (names.has(basename(staged))) {
    await storage.remove(staged);
    // The staged index must be gone for good before the data files that it lists.
    await storage.syncDirectory(folder);
  }
  for (const file of dataFiles) await storage.remove(file);
}

/** Removes files. Best effort: removal errors are ignored so that the original error is reported. */
async function removeAll(storage: Storage, files: readonly string[]): Promise<void> {
  for (const file of files) await storage.remove(file).catch(() => undefined);
}

function isStagedData(path: string, prefix: string): boolean {
  const file = parseCheckpointFilename(path);
  return file.role === "data" && file.stage === "staged" && file.prefix === prefix;
}

async function renameAll(
  storage: Storage,
  files: readonly string[],
  nameOf: (number: number, file: string) => string,
): Promise<void> {
  for (const [number, file] of files.entries()) {
    const name = nameOf(number, file);
    if (name !== file) await storage.rename(file, name);
  }
}
