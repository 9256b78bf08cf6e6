import { breakingFilename } from "@tfsaver/checkpoint-names";
import { isCheckpointError, sleep } from "@tfsaver/core";
import { closing, readFile, type Storage } from "@tfsaver/storage";
import { hasEnded, thisProcess } from "@tfsaver/storage/host";

/** Seconds without a refresh after which a lock is stale, where the storage or process can't tell if its owner lives. */
const STALE_SECONDS = 60;
/** The same where a process of the owner's number lives: it may be another process by now. */
const STALE_SECONDS_OF_LIVING = 3600;
/** Seconds to wait while another process breaks a lock. */
const BREAKING_SECONDS = 0.02;

const HELD = Symbol.for("@tfsaver/checkpoint-files: held locks");

/**
 * The texts of the locks that this thread holds. They live on `globalThis` so that a second copy of this package shares
 * them: it would take a lock of ours for one of an earlier process with our number.
 */
const shared = globalThis as { [HELD]?: Set<string> };
shared[HELD] ??= new Set();
export const heldLocks = shared[HELD];

/** Returns a text for a new lock: its owner, a random part that no other lock has, and a newline. */
export function newLockText(): string {
  const [random = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return `${thisProcess()} ${random}\n`;
}

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

/** Returns the text of a lock file; undefined if it is gone, or is being written at this moment. */
export async function readLockFile(storage: Storage, path: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await readFile(storage, path));
  } catch (error) {
    // The file shrank between open and read, so its owner is rewriting it.
    if (isCheckpointError(error, "NotFoundError", "OutOfRangeError")) return undefined;
    throw error;
  }
}

/** Returns the text of a stale lock, whose owner is dead or gone; undefined if it is held, or does not exist. */
export async function staleLockText(storage: Storage, path: string): Promise<string | undefined> {
  const stat = await storage.stat(path);
  const text = stat?.kind === "file" ? await readLockFile(storage, path) : undefined;
  if (stat === undefined || text === undefined || heldLocks.has(text)) return undefined;
  // A lock without a trailing newline was not fully written; its owner is unknown.
  const [owner = ""] = text.endsWith("\n") ? text.split(" ") : [];
  // A lock with our own number is of an earlier process, as after the restart of a container.
  const ended = owner === thisProcess() || hasEnded(owner);
  const limit = ended === false ? STALE_SECONDS_OF_LIVING : STALE_SECONDS;
  return ended || Date.now() - stat.modifiedMs > limit * 1000 ? text : undefined;
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
