import { isCheckpointError, throwIfAborted, type WarningListener } from "@tfsaver/core";
import {
  closing,
  createDirectoryIfMissing,
  dirname,
  readFile,
  type Storage,
  temporarySuffix,
  withSuffix,
} from "@tfsaver/storage";
import { hasEnded, thisProcess } from "@tfsaver/storage/host";
import { systemClock } from "./clock.js";
import { BREAKING_SUFFIX, LOCK_SUFFIX } from "./debris-names.js";

/** Seconds between two looks at a lock that another saver has. */
const POLL_SECONDS = 0.02;
/** A lock is written anew so often while it is held, */
const REFRESH_SECONDS = 10;
/** and taken for left behind if that was not done for so long, where nobody knows whether its owner lives, */
const STALE_SECONDS = 60;
/** or for so long where a process of that number does, which may be another one by now. */
const STALE_SECONDS_OF_LIVING = 3600;

/** Options of {@link lockPrefix}. */
export interface LockOptions {
  readonly storage: Storage;
  readonly signal?: AbortSignal | undefined;
  readonly onWarning: WarningListener;
  /** Make the folder if it is missing, but not those above it: without one there can be no lock. Default: false. */
  readonly createFolder?: boolean | undefined;
}

/** The right to write a checkpoint, which one saver has at a time. */
export interface PrefixLock {
  /** Whether others are kept from it; where the storage can't do that, they are not. */
  readonly isHeld: boolean;
  /** Whether whoever had it before was stopped in the middle, so that there may be debris. */
  readonly wasAbandoned: boolean;
  /** Whether the folder was made for it. */
  readonly madeFolder: boolean;
  /**
   * Whether somebody else may write it meanwhile, who has taken the lock for left behind, as after this process was
   * suspended, or because its file was removed.
   *
   * @throws what the storage reports.
   */
  isLost(): Promise<boolean>;
  /** Never throws. */
  release(): Promise<void>;
}

const HELD = Symbol.for("@tfsaver/checkpoint-state: held locks");

/**
 * What this thread holds. Kept where another copy of this package finds it too, which otherwise would take a lock of ours
 * for that of an earlier process with our number.
 */
const shared = globalThis as { [HELD]?: Set<string> };
shared[HELD] ??= new Set();
const held = shared[HELD];

/**
 * Waits until nobody else writes the checkpoint `prefix`, and keeps others from doing so: by a file beside it, which names
 * its owner. Where a storage can't make a file for one alone, or none can be made, nobody is kept from anything; what
 * follows will say why.
 *
 * @throws `CancelledError` if the signal is aborted meanwhile.
 */
export async function lockPrefix(prefix: string, options: LockOptions): Promise<PrefixLock> {
  return (await acquire(prefix, options, true)) as PrefixLock;
}

/** As {@link lockPrefix}, but gives `undefined` instead of waiting for somebody else. */
export function tryLockPrefix(prefix: string, options: LockOptions): Promise<PrefixLock | undefined> {
  return acquire(prefix, options, false);
}

async function acquire(prefix: string, options: LockOptions, waits: boolean): Promise<PrefixLock | undefined> {
  const { storage, signal, onWarning } = options;
  const path = withSuffix(prefix, LOCK_SUFFIX);
  const text = `${thisProcess()} ${temporarySuffix()}\n`;
  let wasAbandoned = false;
  let madeFolder = false;
  while (storage.capabilities.exclusiveCreate) {
    throwIfAborted(signal);
    // Before there is a file, which others would take for that of an earlier process.
    held.add(text);
    let isNamed = true;
    try {
      await write(storage, path, text, {
        exclusive: true,
        // It keeps others away all the same; only, they wait longer if this process is killed.
        onUnnamed: (error) => {
          isNamed = false;
          onWarning(`${path} does not name its owner: ${error.message}`);
        },
      });
      return new HeldLock(storage, path, { text, isNamed }, wasAbandoned, madeFolder, onWarning);
    } catch (error) {
      held.delete(text);
      if (options.createFolder && !madeFolder && isCheckpointError(error, "NotFoundError")) {
        madeFolder = await makeFolder(storage, dirname(prefix));
        if (madeFolder) continue;
      }
      if (!isCheckpointError(error, "AlreadyExistsError")) {
        if (!isCheckpointError(error, "NotFoundError", "FailedPreconditionError")) {
          onWarning(`Nobody else is kept from writing ${prefix} meanwhile: ${(error as Error).message}`);
        }
        break;
      }
    }
    const abandoned = await abandonedText(storage, path);
    if (abandoned !== undefined && (await breakLock(storage, path, abandoned))) wasAbandoned = true;
    else if (!waits) return undefined;
    else if (abandoned === undefined) await systemClock.sleep(POLL_SECONDS, signal);
  }
  return { isHeld: false, wasAbandoned, madeFolder, isLost: async () => false, release: async () => undefined };
}

/** What is in a lock whose owner was stopped, or does not live any more; undefined for others, and if there is none. */
export async function abandonedText(storage: Storage, path: string): Promise<string | undefined> {
  const stat = await storage.stat(path);
  const text = stat?.kind === "file" ? await read(storage, path) : undefined;
  if (stat === undefined || text === undefined || held.has(text)) return undefined;
  // Of one that is only half written, nobody knows whose it is.
  const [owner = ""] = text.endsWith("\n") ? text.split(" ") : [];
  // With our own number, it was an earlier process, as after the restart of a container.
  const ended = owner === thisProcess() || hasEnded(owner);
  const limit = ended === false ? STALE_SECONDS_OF_LIVING : STALE_SECONDS;
  return ended || Date.now() - stat.modifiedMs > limit * 1000 ? text : undefined;
}

async function makeFolder(storage: Storage, folder: string): Promise<boolean> {
  try {
    await createDirectoryIfMissing(storage, folder);
    return true;
  } catch (error) {
    // What writes the checkpoint will say why.
    if (isCheckpointError(error)) return false;
    throw error;
  }
}

/**
 * Takes an abandoned lock away, unless somebody else was faster; whether that was done. Only one does so at a time, because
 * what another one finds then may be the lock of somebody who lives.
 */
async function breakLock(storage: Storage, path: string, text: string): Promise<boolean> {
  const guard = withSuffix(path, BREAKING_SUFFIX);
  try {
    await (await storage.create(guard, { exclusive: true })).close();
  } catch (error) {
    if (!isCheckpointError(error, "AlreadyExistsError")) throw error;
    const stat = await storage.stat(guard);
    // Whoever made it has been stopped in the middle of next to nothing.
    if (stat !== undefined && Date.now() - stat.modifiedMs > STALE_SECONDS * 1000) await removeIfThere(storage, guard);
    else await systemClock.sleep(POLL_SECONDS);
    return false;
  }
  try {
    if ((await read(storage, path)) !== text) return false;
    await storage.remove(path);
    return true;
  } catch (error) {
    // Its owner was about to give it back.
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

interface WriteOptions {
  readonly exclusive: boolean;
  /** Told that the file is there, but is empty. */
  readonly onUnnamed: (error: Error) => void;
}

class HeldLock implements PrefixLock {
  readonly isHeld = true;
  readonly #timer: ReturnType<typeof setInterval>;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(
    private readonly storage: Storage,
    private readonly path: string,
    /** What it says, or should if it could have been written. */
    private readonly name: { readonly text: string; readonly isNamed: boolean },
    readonly wasAbandoned: boolean,
    readonly madeFolder: boolean,
    private readonly onWarning: WarningListener,
  ) {
    this.#timer = setInterval(() => {
      // If it fails, others wait less long, and the next one may not.
      this.#refreshing = this.#refresh().catch(() => undefined);
    }, REFRESH_SECONDS * 1000);
    // A process that has nothing else to do need not stay for it.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  async isLost(): Promise<boolean> {
    return !(await this.#isOurs());
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#refreshing;
    try {
      // Somebody may have taken it for abandoned, as after a suspension.
      if (await this.#isOurs()) await this.storage.remove(this.path);
    } catch (error) {
      this.onWarning(`${this.path} could not be removed, which the next save will do: ${(error as Error).message}`);
    } finally {
      held.delete(this.name.text);
    }
  }

  async #isOurs(): Promise<boolean> {
    const { text, isNamed } = this.name;
    const found = await read(this.storage, this.path);
    return found === text || (!isNamed && found !== undefined && text.startsWith(found));
  }

  /** In one step, so that nobody reads it empty. */
  async #refresh(): Promise<void> {
    if (!(await this.#isOurs())) return;
    const next = withSuffix(this.path, temporarySuffix());
    await write(this.storage, next, this.name.text, { exclusive: true, onUnnamed: () => undefined });
    await this.storage.rename(next, this.path);
  }
}

async function write(storage: Storage, path: string, text: string, options: WriteOptions): Promise<void> {
  const file = await storage.create(path, options);
  await closing(file, () => file.write([new TextEncoder().encode(text)])).catch(options.onUnnamed);
}

async function read(storage: Storage, path: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await readFile(storage, path));
  } catch (error) {
    // Shorter than it was when it was opened: somebody is writing it.
    if (isCheckpointError(error, "NotFoundError", "OutOfRangeError")) return undefined;
    throw error;
  }
}
