import { lockFilename, temporaryFilename } from "@tfsaver/checkpoint-names";
import {
  AbortedError,
  isCheckpointError,
  ResourceExhaustedError,
  sleep,
  throwIfAborted,
  type WarningListener,
} from "@tfsaver/core";
import { createDirectoryIfMissing, dirname, type Storage } from "@tfsaver/storage";
import type { PrefixLock } from "./lock.js";
import { breakLock, createLockFile, type FoundLock, findStaleLock, heldLocks, readLockFile } from "./lock-file.js";
import {
  lockNameIn,
  lockText,
  MAX_LOCK_BYTES,
  NOBODY,
  newLockName,
  type Replacement,
  replacementIn,
} from "./lock-text.js";
import { LockWait, type LockWaitOptions } from "./lock-wait.js";
import { NoLock } from "./no-lock.js";

/** Number of attempts to remove a lock, and seconds between them. */
const RELEASE_ATTEMPTS = 3;
const RETRY_SECONDS = 0.02;
/** Seconds between two refreshes of a held lock: a lock that is not refreshed becomes stale. */
const REFRESH_SECONDS = 10;

/** Options of {@link lockPrefix}. */
export interface LockOptions extends LockWaitOptions {
  /** Creates the folder of the prefix if it is missing, but none above it. Default: false. */
  readonly createFolder?: boolean | undefined;
}

/**
 * Locks a checkpoint by a file beside it that names its owner. Waits while another saver holds the lock.
 *
 * Locks nothing where the storage has no exclusive create, or where the file can't be created: then the write that
 * follows fails and says why.
 *
 * @throws `CancelledError` if the signal is aborted; `UnavailableError` after `lockTimeoutMs`; `FailedPreconditionError` if
 * something else than a lock has the name of the lock file.
 */
export async function lockPrefix(prefix: string, options: LockOptions): Promise<PrefixLock> {
  return (await acquire(prefix, options, true)) as PrefixLock;
}

/** Locks a checkpoint as {@link lockPrefix} does. Returns undefined instead of waiting if another saver holds the lock. */
export function tryLockPrefix(prefix: string, options: LockOptions): Promise<PrefixLock | undefined> {
  return acquire(prefix, options, false);
}

async function acquire(prefix: string, options: LockOptions, waits: boolean): Promise<PrefixLock | undefined> {
  const { storage, signal, onWarning } = options;
  const path = lockFilename(prefix);
  const name = newLockName();
  const wait = new LockWait(prefix, path, options);
  let wasAbandoned = false;
  let madeFolder = false;
  if (!storage.capabilities.exclusiveCreate && options.createFolder) madeFolder = await makeFolder(storage, prefix);
  while (storage.capabilities.exclusiveCreate) {
    throwIfAborted(signal);
    // Registered before the file exists: otherwise others in this thread take it for a lock of an earlier process.
    heldLocks.add(name);
    let isNamed = true;
    try {
      const version = await createLockFile(storage, path, name, (error) => {
        // The lock holds all the same. If this process is killed, others wait longer for it.
        isNamed = false;
        onWarning(`${path} does not name its owner: ${error.message}`);
      });
      return new HeldLock(storage, path, { name, isNamed, version, wasAbandoned, madeFolder }, onWarning);
    } catch (error) {
      heldLocks.delete(name);
      if (options.createFolder && !madeFolder && isCheckpointError(error, "NotFoundError")) {
        madeFolder = await makeFolder(storage, prefix);
        if (madeFolder) continue;
      }
      if (!isCheckpointError(error, "AlreadyExistsError")) {
        if (!isCheckpointError(error, ...WRITE_FAILS_TOO)) {
          onWarning(`${prefix} is not locked against other savers: ${(error as Error).message}`);
        }
        break;
      }
    }
    const stale = await findStaleLock(storage, path);
    if (stale?.version !== undefined) {
      const replacement = replacementIn(stale.text);
      heldLocks.add(name);
      const version = await replaceLock(storage, path, stale, lockText(name, replacement));
      if (version !== undefined) {
        const taken = { name, isNamed: true, version, wasAbandoned: true, madeFolder, replacement };
        return new HeldLock(storage, path, taken, onWarning);
      }
      heldLocks.delete(name);
    } else if (stale !== undefined && (await breakLock(storage, path, stale))) wasAbandoned = true;
    else if (!waits) return undefined;
    else if (stale === undefined) await wait.poll();
  }
  // Without exclusive create, the file may still tell what a save left.
  const left =
    storage.capabilities.exclusiveCreate || storage.put === undefined ? undefined : await findStaleLock(storage, path);
  const replacement = left && replacementIn(left.text);
  return new NoLock(storage, path, madeFolder, wasAbandoned || replacement !== undefined, replacement);
}

/** Replaces a lock in one step, and returns the new version. Undefined if it is another one by now, or gone. */
async function replaceLock(
  storage: Storage,
  path: string,
  { version }: Pick<FoundLock, "version">,
  text: string,
): Promise<string | undefined> {
  try {
    return await storage.put?.(path, new TextEncoder().encode(text), { ifVersion: version });
  } catch (error) {
    if (isCheckpointError(error, "AbortedError")) return undefined;
    throw error;
  }
}

/** Kinds of error that the write of the checkpoint will report: the folder is missing, or the storage can't have this path. */
const WRITE_FAILS_TOO = [
  "NotFoundError",
  "FailedPreconditionError",
  "InvalidArgumentError",
  "UnimplementedError",
] as const;

/** Creates the folder of a prefix. Returns false if it is there already, or can't be created. */
async function makeFolder(storage: Storage, prefix: string): Promise<boolean> {
  const folder = dirname(prefix);
  if (folder === "") return false;
  try {
    if ((await storage.stat(folder)) !== undefined) return false;
    await createDirectoryIfMissing(storage, folder);
    return true;
  } catch (error) {
    // The write of the checkpoint will fail too, and say why.
    if (isCheckpointError(error)) return false;
    throw error;
  }
}

/** Tries again after an error, so that one failing call does not leave a lock behind. */
async function retry(action: () => Promise<void>): Promise<void> {
  for (let left = RELEASE_ATTEMPTS - 1; ; left--) {
    try {
      return await action();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(RETRY_SECONDS);
    }
  }
}

function requireRoom(path: string, text: string): void {
  if (text.length <= MAX_LOCK_BYTES) return;
  throw new ResourceExhaustedError(
    `${path} can't name so many files, which replace others all at once. Save in fewer shards, or under a new path`,
    { path },
  );
}

class HeldLock implements PrefixLock {
  readonly isHeld = true;
  readonly wasAbandoned: boolean;
  readonly madeFolder: boolean;
  readonly #timer: ReturnType<typeof setInterval>;
  #replacement: Replacement | undefined;
  #version: string | undefined;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(
    private readonly storage: Storage,
    private readonly path: string,
    private readonly lock: {
      /** The first line of the lock file, or, if writing it failed, the line that it should have. */
      readonly name: string;
      readonly isNamed: boolean;
      /** Names the state of the file, on a storage with `put`. */
      readonly version: string | undefined;
      readonly wasAbandoned: boolean;
      readonly madeFolder: boolean;
      readonly replacement?: Replacement | undefined;
    },
    private readonly onWarning: WarningListener,
  ) {
    this.wasAbandoned = lock.wasAbandoned;
    this.madeFolder = lock.madeFolder;
    this.#replacement = lock.replacement;
    this.#version = lock.version;
    this.#timer = setInterval(() => {
      // A refresh that fails is not the last one before the lock is stale.
      this.#refreshing = this.#refresh().catch(() => undefined);
    }, REFRESH_SECONDS * 1000);
    // The timer must not keep a process alive.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  get replacement(): Replacement | undefined {
    return this.#replacement;
  }

  async isLost(): Promise<boolean> {
    return (await this.#own()) === undefined;
  }

  async record(replacement: Replacement | undefined): Promise<void> {
    const text = lockText(this.lock.name, replacement);
    requireRoom(this.path, text);
    await this.#refreshing;
    await this.#replace(text);
    this.#replacement = replacement;
  }

  async release(): Promise<void> {
    await this.#letGo(async () => {
      if (this.#version !== undefined) return this.#removeThis(this.#version);
      if ((await this.#own()) !== undefined) await this.storage.remove(this.path);
    }, "could not be removed; the next save will do that");
  }

  async #removeThis(version: string): Promise<void> {
    try {
      await this.storage.remove(this.path, { ifVersion: version });
    } catch (error) {
      // Another process took the lock, or it was removed.
      if (!isCheckpointError(error, "AbortedError", "NotFoundError")) throw error;
    }
  }

  async leave(): Promise<void> {
    await this.#letGo(
      () => this.#replace(lockText(newLockName(NOBODY), this.#replacement)),
      "could not be given up; the next save has to wait until it is old",
    );
  }

  async #letGo(action: () => Promise<void>, failure: string): Promise<void> {
    clearInterval(this.#timer);
    await this.#refreshing;
    try {
      await retry(action);
    } catch (error) {
      this.onWarning(`${this.path} ${failure}: ${(error as Error).message}`);
    } finally {
      heldLocks.delete(this.lock.name);
    }
  }

  /** Returns the lock file if it is still ours. */
  async #own(): Promise<FoundLock | undefined> {
    const { name, isNamed } = this.lock;
    const found = await readLockFile(this.storage, this.path).catch((error: unknown) => {
      // Something else has the name of the lock now.
      if (isCheckpointError(error, "FailedPreconditionError")) return undefined;
      throw error;
    });
    if (found === undefined) return undefined;
    const isOurs = lockNameIn(found.text) === name || (!isNamed && name.startsWith(found.text));
    return isOurs ? found : undefined;
  }

  /** Replaces the file in one step, so that no reader finds it empty. */
  async #refresh(): Promise<void> {
    if (this.storage.put !== undefined) return this.#replace(lockText(this.lock.name, this.#replacement));
    if (await this.isLost()) return;
    const next = temporaryFilename(this.path);
    await createLockFile(this.storage, next, this.lock.name, () => undefined);
    await this.storage.rename(next, this.path);
  }

  /** Writes the lock file anew, on a storage with `put`. */
  async #replace(text: string): Promise<void> {
    const found = await this.#own();
    this.#version = found && (await replaceLock(this.storage, this.path, found, text));
    if (this.#version !== undefined) return;
    throw new AbortedError(`${this.path} was taken over or removed`, { path: this.path });
  }
}
