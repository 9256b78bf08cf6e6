import { temporarySuffix } from "@tfsaver/checkpoint-names";
import { AbortedError, isCheckpointError, type WarningListener } from "@tfsaver/core";
import { concatBytes } from "@tfsaver/core/coding";
import { basename, type Storage, writeFileAtomically } from "@tfsaver/storage";
import type { PrefixLock } from "../lock/lock.js";
import type { WaitingFile } from "../lock/lock-text.js";
import { removeIfThere } from "../remove/remove-if-there.js";
import type { StagedFile } from "../transaction/staged-files.js";
import { type OwnReplacement, ownReplacement } from "./own-files.js";
import { removeWaiting } from "./settle-replacement.js";
import { stateOfFile } from "./waiting-file.js";

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
  readonly onWarning: WarningListener;
}

/**
 * Makes the files of a checkpoint appear, on a storage that shows a file when it is closed and renames nothing in one step. The
 * file on which a reader depends comes last.
 *
 * Where an older checkpoint is replaced, the new files are stored first, to the last byte: those that are on their way as files
 * that are not closed, small ones under temporary names. The lock names them. Then the file on which readers of the older checkpoint
 * depend gets a temporary name, and the new files appear. Whoever takes the lock over after a crash goes on, or gives the older
 * file its name back, so that there is always one of the two checkpoints, or all that is needed to show one. A storage where files
 * that are not closed die with their process can't give that promise.
 *
 * @param files - in the order in which they appear
 * @throws `AbortedError` if the storage has dropped a file that was sent.
 */
export async function showStaged(files: readonly StagedFile[], showing: Showing): Promise<void> {
  const { storage, replaces, beforeCommit } = showing;
  const key = files.at(-1);
  if (key === undefined) return beforeCommit();
  if (replaces && files.length > 1 && storage.unfinished !== undefined) return replace(files, key, showing);
  await beforeCommit();
  if (replaces && files.length > 1) await removeIfThere(storage, key.target);
  for (const file of files) await show(file, storage);
}

async function replace(files: readonly StagedFile[], key: StagedFile, showing: Showing): Promise<void> {
  const { storage, prefix, lock, beforeCommit, onWarning } = showing;
  const waiting = files.map((file) => ({ ...file, waitsAs: temporaryNameOf(file.target) }));
  const keptAs = temporaryNameOf(key.target);
  let own: OwnReplacement;
  try {
    const replacement = { keptAs: basename(keptAs), files: await allOf(waiting.map((file) => store(file, storage))) };
    own = ownReplacement(prefix, replacement) as OwnReplacement;
    await lock.record(replacement);
    await beforeCommit();
    const states = await Promise.all(own.files.map((file) => stateOfFile(storage, file)));
    const gone = own.files.find((_, i) => states[i] !== "waiting");
    if (gone !== undefined) throw droppedError(prefix, gone.path);
  } catch (error) {
    // Best effort: the original error is reported.
    for (const { sent, waitsAs } of waiting) {
      await (sent ? sent.abandon?.() : removeIfThere(storage, waitsAs))?.catch(() => undefined);
    }
    throw error;
  }
  await storage.rename(key.target, keptAs).catch((error: unknown) => {
    // V1 shards of another number have no file of this name.
    if (!isCheckpointError(error, "NotFoundError")) throw error;
  });
  for (const [i, file] of files.entries()) {
    const { path, prepared } = own.files[i] as OwnReplacement["files"][number];
    // Some servers say that an upload is completed which is gone, if an older file has its name: `finish` looks first.
    const showing = prepared ? storage.unfinished?.finish(path, prepared) : show(file, storage);
    await showing?.catch((error: unknown) => {
      throw isCheckpointError(error, "NotFoundError") ? droppedError(prefix, path, error) : error;
    });
  }
  await removeWaiting(storage, own).catch((error: Error) => {
    onWarning(`The temporary files of ${prefix} could not all be removed; removeDebris does that: ${error.message}`);
  });
}

/** Stores all of a file where no reader sees it. */
async function store(
  { target, held, sent, waitsAs }: StagedFile & { readonly waitsAs: string },
  storage: Storage,
): Promise<WaitingFile> {
  const name = basename(target);
  if (sent?.prepare !== undefined) return { name, prepared: await sent.prepare() };
  await writeFileAtomically(storage, waitsAs, concatBytes(held));
  return { name, waitsAs: basename(waitsAs) };
}

/** Shows a file, in one step. */
async function show({ target, held, sent }: StagedFile, storage: Storage): Promise<void> {
  if (sent !== undefined) return sent.close();
  await writeFileAtomically(storage, target, concatBytes(held));
}

/** Draws a temporary name, which is never cut: object stores have room for it. */
function temporaryNameOf(path: string): string {
  return path + temporarySuffix();
}

/** Waits until all promises are settled, so that nothing goes on behind an error. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

function droppedError(prefix: string, path: string, cause?: unknown): AbortedError {
  return new AbortedError(
    `The save of ${prefix} is aborted: the storage has dropped the upload of ${path} before it was completed, as a rule of a ` +
      "bucket may. The older checkpoint stands. Save again, and let the bucket keep incomplete uploads for days, not hours.",
    { path, cause },
  );
}
