import { isCheckpointError } from "@tfsaver/core";
import { concatBytes } from "@tfsaver/core/coding";
import { basename, closing, type Storage, type WritableFile } from "@tfsaver/storage";
import type { PrefixLock } from "../lock/prefix-lock.js";
import { finishNamed } from "../unfinished.js";
import type { StagedFile } from "./staged-files.js";

/** The storage, the checkpoint and its lock, for {@link showStaged}. */
export interface Showing {
  readonly storage: Storage;
  /** Prefix of the checkpoint. */
  readonly prefix: string;
  /** True if the files replace those of an older checkpoint. */
  readonly replaces: boolean;
  readonly lock: PrefixLock;
  /** Called when all that can be done ahead is done. */
  readonly beforeCommit: () => Promise<void>;
}

/**
 * Makes the files of a checkpoint appear, on a storage that shows a file when it is closed and renames nothing in one step. The
 * file on which a reader depends comes last.
 *
 * Where an older checkpoint is replaced, the new files are sent first, to the last byte, and named in the lock. Then the file on
 * which a reader of the old one depends is removed, and the new files are closed. Whoever takes the lock over after a crash closes
 * them, so that there is always one of the two checkpoints, or all that is needed to show the new one. A storage where files that
 * are not closed die with their process can't give that promise.
 *
 * @param files - in the order in which they appear
 */
export async function showStaged(files: readonly StagedFile[], showing: Showing): Promise<void> {
  const { storage, prefix, replaces, lock, beforeCommit } = showing;
  const key = files.at(-1);
  if (key === undefined) return beforeCommit();
  if (!replaces || files.length === 1 || storage.unfinished === undefined) {
    await beforeCommit();
    if (replaces && files.length > 1) await removeIfThere(key.target, storage);
    for (const file of files) await show(file, storage);
    return;
  }
  const sent = await Promise.all(files.map((file) => send(file, storage)));
  try {
    const tickets = await Promise.all(sent.map(async (file) => (await file.prepare?.()) ?? ""));
    await lock.record(files.map(({ target }, i) => ({ name: basename(target), ticket: tickets[i] as string })));
    await beforeCommit();
  } catch (error) {
    for (const file of sent) await file.abandon?.().catch(() => undefined);
    throw error;
  }
  await removeIfThere(key.target, storage);
  await finishNamed(storage, prefix, lock.files);
}

async function removeIfThere(path: string, storage: Storage): Promise<void> {
  await storage.remove(path).catch((error: unknown) => {
    if (!isCheckpointError(error, "NotFoundError")) throw error;
  });
}

/** Shows a file, in one step. */
async function show({ target, held, sent }: StagedFile, storage: Storage): Promise<void> {
  if (sent !== undefined) return sent.close();
  if (storage.put !== undefined) {
    await storage.put(target, concatBytes(held));
    return;
  }
  const file = await storage.create(target);
  await closing(file, () => file.write(held));
}

/** Sends what is held, so that all bytes are on their way to the storage. */
async function send({ target, held, sent }: StagedFile, storage: Storage): Promise<WritableFile> {
  if (sent !== undefined) return sent;
  const file = await storage.create(target);
  await file.write(held);
  return file;
}
