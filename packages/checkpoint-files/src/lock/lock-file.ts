import { breakingFilename } from "@tfsaver/checkpoint-names";
import { FailedPreconditionError, isCheckpointError, sleep } from "@tfsaver/core";
import { closing, type Storage } from "@tfsaver/storage";
import { hasEnded, thisProcess } from "@tfsaver/storage/host";
import { removeIfThere } from "../remove/remove-if-there.js";
import { isLockText, lockNameIn, MAX_LOCK_BYTES, NOBODY, ownerOf } from "./lock-text.js";

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

/** A lock file that was read. */
export interface FoundLock {
  readonly text: string;
  /** Names the state of the file, where the storage tells states apart. */
  readonly version: string | undefined;
}

/**
 * The names of the locks that this thread holds. They live on `globalThis` so that a second copy of this package shares
 * them: it would take a lock of ours for one of an earlier thread with our id.
 */
const shared = globalThis as { [HELD]?: Set<string> };
shared[HELD] ??= new Set();
export const heldLocks: Set<string> = shared[HELD];

/**
 * Creates a lock file. Fails if one exists.
 *
 * @param onUnnamed - called if the file was created but its text could not be written
 * @returns the name of the file's state, where the storage tells states apart
 * @throws `AlreadyExistsError` if the file exists; whatever else creating it throws.
 */
export async function createLockFile(
  storage: Storage,
  path: string,
  text: string,
  onUnnamed: (error: Error) => void,
): Promise<string | undefined> {
  const bytes = new TextEncoder().encode(text);
  if (storage.put !== undefined) return storage.put(path, bytes, { exclusive: true });
  const file = await storage.create(path, { exclusive: true });
  await closing(file, () => file.write([bytes])).catch(onUnnamed);
  return undefined;
}

/**
 * Reads a lock file; undefined if it is gone, or is being written at this moment.
 *
 * @throws `FailedPreconditionError` if the file is not a lock.
 */
export async function readLockFile(storage: Storage, path: string): Promise<FoundLock | undefined> {
  try {
    const file = await readHead(storage, path);
    if (file === undefined) return undefined;
    const text = new TextDecoder().decode(file.bytes);
    if (file.bytes.length > MAX_LOCK_BYTES || !isLockText(text)) throw notALock(path, "a file of another program");
    return { text, version: file.version };
  } catch (error) {
    if (storage.get !== undefined && isCheckpointError(error, "ResourceExhaustedError"))
      throw notALock(path, "a file of another program");
    // Only a folder, a socket or the like can't be opened for this reason.
    if (isCheckpointError(error, "FailedPreconditionError") && !(error instanceof NotALockError)) {
      throw notALock(path, "no file");
    }
    // The file shrank between open and read, so its owner is rewriting it.
    if (isCheckpointError(error, "NotFoundError", "OutOfRangeError")) return undefined;
    throw error;
  }
}

/** Reads as much of a file as a lock may have, and a byte more. */
async function readHead(
  storage: Storage,
  path: string,
): Promise<{ readonly bytes: Uint8Array; readonly version: string | undefined } | undefined> {
  if (storage.get !== undefined) return storage.get(path, { maxBytes: MAX_LOCK_BYTES });
  const file = await storage.open(path);
  const bytes = await closing(file, async () => {
    const head = new Uint8Array(Math.min(file.size, MAX_LOCK_BYTES + 1));
    await file.readInto(0, [head]);
    return head;
  });
  return { bytes, version: undefined };
}

class NotALockError extends FailedPreconditionError {}

function notALock(path: string, what: string): NotALockError {
  return new NotALockError(
    `${path} is ${what}, and has the name of the lock of a checkpoint. Move it, or save under another name.`,
    { path },
  );
}

/**
 * Returns a stale lock, whose owner is dead or gone; undefined if it is held, or does not exist.
 *
 * @throws `FailedPreconditionError` if the file is not a lock, or if its time lies in the future and nothing else tells if
 * its owner lives.
 */
export async function findStaleLock(storage: Storage, path: string): Promise<FoundLock | undefined> {
  const found = await readLockFile(storage, path);
  if (found === undefined || heldLocks.has(lockNameIn(found.text))) return undefined;
  const owner = ownerOf(found.text);
  // A lock that names this thread, and is not held, is of an earlier thread with the same id.
  const ended =
    owner === thisProcess() ||
    owner === NOBODY ||
    ((await storage.isAbandoned?.(path)) ?? (owner === undefined ? undefined : hasEnded(owner)));
  if (ended === true) return found;
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
  return age > limit ? found : undefined;
}

/**
 * Removes a stale lock. Only one process does so at a time, guarded by a file of its own; otherwise a second one could
 * remove the new lock of a process that was faster.
 *
 * @param stale - what {@link findStaleLock} returned
 * @returns false if another process was faster
 */
export async function breakLock(storage: Storage, path: string, stale: FoundLock): Promise<boolean> {
  const guard = breakingFilename(path);
  try {
    await (await storage.create(guard, { exclusive: true })).close();
  } catch (error) {
    if (!isCheckpointError(error, "AlreadyExistsError")) throw error;
    if (!(await isLeftBehind(storage, guard))) {
      await sleep(BREAKING_SECONDS);
      return false;
    }
    await removeIfThere(storage, guard);
    return breakLock(storage, path, stale);
  }
  try {
    if ((await readLockFile(storage, path))?.text !== stale.text) return false;
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

/** True if the process that made a guard is dead: a guard is held for milliseconds. */
async function isLeftBehind(storage: Storage, guard: string): Promise<boolean> {
  if (await storage.isAbandoned?.(guard)) return true;
  const stat = await storage.stat(guard);
  return stat !== undefined && Date.now() - stat.modifiedMs > STALE_SECONDS * 1000;
}
