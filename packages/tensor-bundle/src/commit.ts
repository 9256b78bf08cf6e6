import {
  dataFilename,
  finalFilename,
  indexFilename,
  parseCheckpointFilename,
  stagedDataFilename,
  stagedIndexFilename,
} from "@tfsaver/checkpoint-names";
import type { CommitOptions } from "@tfsaver/core";
import { basename, dirname, type FileInProgress, type Storage } from "@tfsaver/storage";

/**
 * Gives the files of a checkpoint their names, so that a crash at any point leaves the old checkpoint of this prefix or
 * the new one.
 *
 * Where there is none yet, data files come first and the index last: without an index there is no checkpoint. One that is
 * there is replaced in one step, although its files are many: the new files wait under names of their own, flushed, until
 * the old index is removed. That is the step. From then on a reader finds no index, looks for the one that waits, and
 * takes data files that still wait before those that don't. Then they get their final names, the index last, and whoever
 * comes upon this half done ({@link settleBundle}) ends it.
 *
 * @param dataFiles - where the data files are, flushed and closed
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
  // Where files can't be renamed, they are in place already.
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

/** Whether there is a V2 checkpoint of this prefix. */
export async function bundleExists(storage: Storage, prefix: string): Promise<boolean> {
  const path = indexFilename(prefix);
  // The path twice, because the index may get it between the two looks.
  for (const file of [path, stagedIndexFilename(prefix), path]) {
    if ((await storage.stat(file)) !== undefined) return true;
  }
  return false;
}

/**
 * Ends what a crash has left of the replacing of a checkpoint: if the old index is there, the new files go; if not, they
 * get their final names. No file of a checkpoint that is whole is touched, and nothing of another prefix.
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
    // Data files that are gone while the index still waits would be looked for in vain.
    await storage.syncDirectory(folder);
  }
  for (const file of dataFiles) await storage.remove(file);
}

/** What can't be removed stays: why it is to go is what counts. */
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
