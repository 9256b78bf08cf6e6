import { breakingFilename } from "@tfsaver/checkpoint-names";
import { FailedPreconditionError, isCheckpointError, sleep } from "@tfsaver/core";
import { closing, type Storage } from "@tfsaver/storage";
import { hasEnded, thisProcess } from "@tfsaver/storage/host";
import { isLockText, MAX_LOCK_BYTES, ownerOf } from "./lock-text.js";

/** Seconds without a refresh after which a lock is stale, where nothing tells if its owner lives. */
const STALE_SECONDS = 60;
/**
 * The same for a lock that names no owner. Such a lock is milliseconds old, or the next refresh of its owner names it: after two
 * refreshes without a name, the owner was killed when it had just made the file.
 */
const STALE_SECONDS_OF_UNNAMED = 20;
/** The same where a process of the owner's id lives: it may be another process by now. */
const STALE_SECONDS_OF_LIVING = 3600;
/** Seconds to wait while another process breaks a lock. */
const BREAKING_SECONDS = 0.02;
/** Seconds by which clocks of machines may differ. */
const CLOCK_SECONDS = 60;

const HELD = Symbol.for("@tfsaver/checkpoint-files: held locks");

/**
 * The texts of the locks that this thread holds. They live on `globalThis` so that a second copy of this package shares
 * them: it would take a lock of ours for one of an earlier thread with our id.
 */
const shared = globalThis as { [HELD]?: Set<string> };
shared[HELD] ??= new Set();
export const heldLocks: Set<string> = shared[HELD];

/**
 * Creates a lock file. Fails if one exists.
 *
 * @param onUnnamed - called if the file was created but its text could not be written
 * @throws `AlreadyExistsError` if the file exists; whatever else creating it throws.
 */
export async function createLockFile(
  storage: Storage,
  path: string,
  text: string,
  onUnnamed: (error: Error) => void,
): Promise<void> {
  const file = await storage.create(path, { exclusive: true });
  await closing(file, () => file.write([new TextEncoder().encode(text)])).catch(onUnnamed);
}

/**
 * Returns the text of a lock file; undefined if it is gone, or is being written at this moment.
 *
 * @throws `FailedPreconditionError` if the file is not a lock.
 */
export async function readLockFile(storage: Storage, path: string): Promise<string | undefined> {
  try {
    const file = await storage.open(path);
    const bytes = await closing(file, async () => {
      const head = new Uint8Array(Math.min(file.size, MAX_LOCK_BYTES + 1));
      await file.readInto(0, [head]);
      return head;
    });
    const text = new TextDecoder().decode(bytes);
    if (bytes.length > MAX_LOCK_BYTES || !isLockText(text)) throw notALock(path, "a file of another program");
    return text;
  } catch (error) {
    // Only a folder, a socket or the like can't be opened for this reason.
    if (isCheckpointError(error, "FailedPreconditionError") && !(error instanceof NotALockError)) {
      throw notALock(path, "no file");
    }
    // The file shrank between open and read, so its owner is rewriting it.
    if (isCheckpointError(error, "NotFoundError", "OutOfRangeError")) return undefined;
    throw error;
  }
}

class NotALockError extends FailedPreconditionError {}

function notALock(path: string, what: string): NotALockError {
  return new NotALockError(
    `${path} is ${what}, and has the name of the lock of a checkpoint. Move it, or save under another name.`,
    { path },
  );
}

/**
 * Returns the text of a stale lock, whose owner is dead or gone; undefined if it is held, or does not exist.
 *
 * @throws `FailedPreconditionError` if the file is not a lock, or if its time lies in the future and nothing else tells if
 * its owner lives.
 */
export async function staleLockText(storage: Storage, path: string): Promise<string | undefined> {
  const text = await readLockFile(storage, path);
  if (text === undefined || heldLocks.has(text)) return undefined;
  const owner = ownerOf(text);
  // A lock that names this thread, and is not held, is of an earlier thread with the same id.
  const ended = owner === thisProcess() || (owner === undefined ? undefined : hasEnded(owner));
  if (ended === true) return text;
  const stat = await storage.stat(path);
  if (stat === undefined) return undefined;
  const age = (Date.now() - stat.modifiedMs) / 1000;
  if (age < -CLOCK_SECONDS && ended === undefined) {
    throw new FailedPreconditionError(
      `${path} was written ${Math.round(-age)} seconds in the future, so it can't be told if its owner lives. Set the clocks ` +
        "of the machines that share this folder. If no save is under way, remove the file.",
      { path },
    );
  }
  const limit =
    ended === false ? STALE_SECONDS_OF_LIVING : owner === undefined ? STALE_SECONDS_OF_UNNAMED : STALE_SECONDS;
  return age > limit ? text : undefined;
}

/**
 * Removes a stale lock. Only one process does so at a time, guarded by a file of its own; otherwise a second one could
 * remove the new lock of a process that was faster.
 *
 * @param text - what {@link staleLockText} returned
 * @returns false if another process was faster
 */
export async function breakLock(storage: Storage, path: string, text: string): Promise<boolean> {
  const guard = breakingFilename(path);
  try {
    await (await storage.create(guard, { exclusive: true })).close();
  } catch (error) {
    if (!isCheckpointError(error, "AlreadyExistsError")) throw error;
    const stat = await storage.stat(guard);
    // The guard is held for milliseconds, so an old one belongs to a dead process.
    if (stat !== undefined && Date.now() - stat.modifiedMs > STALE_SECONDS * 1000) await removeIfThere(storage, guard);
    else await sleep(BREAKING_SECONDS);
    return false;
  }
  try {
    if ((await readLockFile(storage, path)) !== text) return false;
    await storage.remove(path);
    return true;
  } catch (error) {
    // Its owner lived after all, and released it.
    if (isCheckpointError(error, "NotFoundError")) return false;
    throw error;
  } finally {
    await removeIfThere(storage, guard);
  }
}

async function removeIfThere(storage: Storage, path: string): Promise<void> {
  await storage.remove(path).catch((error: unknown) => {
    if (!isCheckpointError(error, "NotFoundError")) throw error;
  });
}
