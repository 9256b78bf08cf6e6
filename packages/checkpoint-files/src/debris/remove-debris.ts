import { parseCheckpointFilename } from "@tfsaver/checkpoint-names";
import { DataLossError, isCheckpointError } from "@tfsaver/core";
import { finishShards } from "@tfsaver/saved-tensor-slices/shards";
import { basename, dirname, joinPath, type Storage, storageAt, type UnfinishedFile } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { settleBundle } from "@tfsaver/tensor-bundle";
import type { PrefixLock } from "../lock/lock.js";
import { temporaryNamesOf } from "../lock/lock-text.js";
import { tryLockPrefix } from "../lock/prefix-lock.js";
import type { StorageOptions } from "../options.js";
import { settleReplacement } from "../replacement/settle-replacement.js";
import { byPath, type Debris } from "./debris.js";
import { type DebrisOptions, findDebris, findDebrisIn, isOlderThan } from "./find-debris.js";
import { findUnfinishedDebris } from "./unfinished-debris.js";

/**
 * Removes the debris that {@link findDebris} finds, and finishes checkpoints that only lack their final names. Files that
 * vanish meanwhile are no error.
 *
 * @returns what was removed or finished
 * @throws `DataLossError`, when all debris is removed, if an interrupted save has left a checkpoint of which neither the older nor
 * the new files are all there; else as {@link findDebris}. Debris behind the one that failed stays then.
 */
export async function removeDebris(directory: string, options: DebrisOptions = {}): Promise<Debris[]> {
  const storage = storageAt(options.storage ?? defaultStorage(), directory);
  const removed: Debris[] = [];
  const losses: DataLossError[] = [];
  const found = await findDebris(directory, options);
  for (const only of new Set(found.map(prefixOf))) {
    // A file that only has the name of a lock is in the way of ours.
    const foreign = found.filter((debris) => isLock(debris) && !debris.isRecognized && prefixOf(debris) === only);
    await clear(foreign, storage);
    for (const one of foreign) removed.push(one);
    // Another saver may have begun to save this checkpoint since the debris was found.
    const lock = await tryLock(joinPath(directory, only), storage);
    if (lock === undefined) continue;
    let isSettled = false;
    try {
      const { allTemporary } = options;
      const scope = { isOld: isOlderThan(options), only, isLeft: lock.wasAbandoned, allTemporary };
      const unfinished = await findUnfinishedDebris(directory, storage, scope);
      const isDebris = ({ ticket }: UnfinishedFile) => unfinished.some(({ file }) => file.ticket === ticket);
      const loss = await settleReplacement(storage, joinPath(directory, only), lock.replacement, isDebris);
      if (loss !== undefined) losses.push(loss);
      if (lock.replacement !== undefined) {
        const settled = temporaryNamesOf(lock.replacement);
        for (const one of found) if (settled.has(basename(one.path))) removed.push(one);
        await lock.record(undefined);
      }
      isSettled = true;
      const debris = await findDebrisIn(directory, storage, scope);
      await clear(debris, storage);
      for (const one of [...unfinished.map(({ debris }) => debris), ...debris]) removed.push(one);
    } finally {
      if (isSettled) await lock.release();
      else await lock.leave();
    }
    // The abandoned lock itself went when it was taken over.
    if (!lock.wasAbandoned) continue;
    const isOurs = (debris: Debris) => isLock(debris) && debris.isRecognized && prefixOf(debris) === only;
    for (const one of found) if (isOurs(one)) removed.push(one);
  }
  if (losses.length > 0)
    throw new DataLossError(losses.map(({ message }) => message).join("\n"), { path: losses[0]?.path });
  return removed.sort(byPath);
}

/** Locks a prefix. Returns undefined if another saver holds the lock, or a file of another program is in its place. */
async function tryLock(prefix: string, storage: Storage): Promise<PrefixLock | undefined> {
  try {
    return await tryLockPrefix(prefix, { storage, onWarning: () => undefined });
  } catch (error) {
    if (isCheckpointError(error, "FailedPreconditionError")) return undefined;
    throw error;
  }
}

/** Removes the debris of one checkpoint, however new it is. Only for a caller that holds the lock of the checkpoint. */
export async function removeDebrisOf(prefix: string, options: Pick<StorageOptions, "storage"> = {}): Promise<void> {
  const storage = storageAt(options.storage ?? defaultStorage(), prefix);
  try {
    const scope = { isOld: () => true, only: basename(prefix), isOwn: true };
    await clear(await findDebrisIn(dirname(prefix), storage, scope), storage);
  } catch (error) {
    // Without a folder there is no debris.
    if (!isCheckpointError(error, "NotFoundError", "FailedPreconditionError")) throw error;
  }
}

/** Returns the last part of the prefix that debris belongs to. */
function prefixOf(debris: Debris): string {
  return fileOf(debris)?.prefix ?? basename(debris.path);
}

function fileOf({ path, kind }: Debris) {
  return parseCheckpointFilename(basename(path), kind === "unfinished" ? "file" : kind);
}

function isLock(debris: Debris): boolean {
  const file = fileOf(debris);
  return file?.role === "lock" && file.stage === "final";
}

async function clear(debris: readonly Debris[], storage: Storage): Promise<void> {
  const isStaged = (item: Debris) => item.isRecognized && fileOf(item)?.stage === "staged";
  const staged = debris.filter(isStaged).map((item) => joinPath(dirname(item.path), prefixOf(item)));
  for (const prefix of new Set(staged)) await settleBundle(storage, prefix);
  // The index that marks a removal, and the lock, prove that other files are debris: they go last.
  const isProof = (item: Debris) => isLock(item) || fileOf(item)?.stage === "removing";
  const rest = debris.filter((item) => !isStaged(item));
  for (const item of [...rest.filter((item) => !isProof(item)), ...rest.filter(isProof)]) {
    await removeItem(item, storage);
  }
}

async function removeItem(item: Debris, storage: Storage): Promise<void> {
  const { path, kind, action } = item;
  try {
    if (kind === "file") return await storage.remove(path);
    if (action === "finish") return await finishShards(storage, joinPath(dirname(path), prefixOf(item)));
    for (const { name } of await storage.list(path)) await storage.remove(joinPath(path, name));
    await storage.removeDirectory(path);
  } catch (error) {
    if (!isCheckpointError(error, "NotFoundError")) throw error;
  }
}
