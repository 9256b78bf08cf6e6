import { DataLossError, isCheckpointError } from "@tfsaver/core";
import type { Storage, UnfinishedFile } from "@tfsaver/storage";
import type { Replacement } from "../lock/lock-text.js";
import { removeIfThere } from "../remove/remove-if-there.js";
import { findUnfinished, isThere, type OwnReplacement, ownReplacement } from "./own-files.js";
import { showFile, stateOfFile } from "./waiting-file.js";

/*
 * Where a file appears only when it is closed, and outlives its process before that, a save that is interrupted leaves files that
 * are not closed. If its lock names a replacement, and the file on which readers depend is missing, the older checkpoint is gone,
 * and the new one has yet to appear. It appears if all of its files are still there. The storage may have dropped some, as a rule of
 * a bucket does with old uploads: then the older checkpoint comes back, unless one of its files was replaced already.
 */

/**
 * Completes or rolls back what an interrupted save of a checkpoint left. Only for a caller that holds its lock.
 *
 * @param replacement - what the lock names. What is no file of the checkpoint is let be
 * @param mayDrop - tells which of the other files that were never closed are dropped. Default: all
 * @returns what is to be reported if neither the older checkpoint nor the new one is whole: it is lost, and has no readers
 * @throws the storage's errors. Nothing is lost then, and the next call goes on.
 */
export async function settleReplacement(
  storage: Storage,
  prefix: string,
  replacement: Replacement | undefined,
  mayDrop: (file: UnfinishedFile) => boolean = () => true,
): Promise<DataLossError | undefined> {
  const own = ownReplacement(prefix, replacement);
  const loss = own && (await isHalfDone(storage, own)) ? await completeOrRollBack(storage, prefix, own) : undefined;
  for (const file of await findUnfinished(storage, prefix)) {
    if (mayDrop(file)) await unlessGone(storage.unfinished?.abandon(file.path, file.ticket));
  }
  if (own !== undefined) await removeWaiting(storage, own);
  return loss;
}

/** True if the older checkpoint has no readers any more, and the new one has none yet. */
export async function isHalfDone(storage: Storage, { key, keptAs }: OwnReplacement): Promise<boolean> {
  // If the older file is not kept, another program has removed the checkpoint.
  return !(await isThere(storage, key)) && (await isThere(storage, keptAs));
}

/** Removes the temporary files of a replacement that was completed or rolled back. */
export async function removeWaiting(storage: Storage, { keptAs, files }: OwnReplacement): Promise<void> {
  const waiting = files.flatMap((file) => (file.prepared ? [] : [file.waitsAs]));
  for (const path of [...waiting, keptAs]) await removeIfThere(storage, path);
}

async function completeOrRollBack(
  storage: Storage,
  prefix: string,
  own: OwnReplacement,
): Promise<DataLossError | undefined> {
  const { files, key, keptAs } = own;
  const states = await Promise.all(files.map((file) => stateOfFile(storage, file)));
  const pathsOf = (state: (typeof states)[number]) =>
    files.filter((_, i) => states[i] === state).map(({ path }) => path);
  const [gone, finished] = [pathsOf("gone"), pathsOf("finished")];
  if (gone.length === 0) {
    for (const [i, file] of files.entries()) if (states[i] !== "finished") await showFile(storage, file);
    return undefined;
  }
  // Files appear one after another, and nothing tells if one that waits under a temporary name has appeared.
  const mayBeShown = files.slice(0, states.indexOf("gone")).filter(({ prepared }) => prepared === undefined);
  const replaced = [...finished, ...mayBeShown.map(({ path }) => path)];
  if (replaced.length > 0) return lostError(prefix, gone, replaced);
  await storage.rename(keptAs, key);
  return undefined;
}

function lostError(prefix: string, gone: readonly string[], replaced: readonly string[]): DataLossError {
  return new DataLossError(
    `${prefix} is lost: a save was interrupted while it replaced it. It had replaced ${replaced.join(", ")}; of ` +
      `${gone.join(", ")}, the storage has dropped the upload since. Restore another checkpoint, or save this one again. Let ` +
      "the bucket keep incomplete uploads for days, not hours.",
    { path: gone[0] },
  );
}

async function unlessGone(action: Promise<void> | undefined): Promise<void> {
  try {
    await action;
  } catch (error) {
    if (!isCheckpointError(error, "NotFoundError")) throw error;
  }
}
