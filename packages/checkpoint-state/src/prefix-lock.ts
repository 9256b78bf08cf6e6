import { isCheckpointError, throwIfAborted, type WarningListener } from "@tfsaver/core";
import { closing, readFile, type Storage, withSuffix } from "@tfsaver/storage";
import { hasEnded, thisProcess } from "@tfsaver/storage/default";
import { systemClock } from "./clock.js";
import { LOCK_SUFFIX, temporarySuffix } from "./debris-names.js";

/** Seconds between two looks at a lock that another saver has. */
const POLL_SECONDS = 0.02;
/** A lock is written anew so often while it is held, */
const REFRESH_SECONDS = 10;
/** and taken for left behind if that was not done for so long. */
const STALE_SECONDS = 60;

/** Options of {@link lockPrefix}. */
export interface LockOptions {
  readonly storage: Storage;
  readonly signal?: AbortSignal | undefined;
  readonly onWarning: WarningListener;
}

/** The right to write a checkpoint, which one saver has at a time. */
export interface PrefixLock {
  /** Whether others are kept from it; where the storage can't do that, they are not. */
  readonly isHeld: boolean;
  /** Whether whoever had it before was stopped in the middle, so that there may be debris. */
  readonly wasAbandoned: boolean;
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
  const { storage, signal, onWarning } = options;
  const path = withSuffix(prefix, LOCK_SUFFIX);
  const text = `${thisProcess()} ${temporarySuffix()}\n`;
  let wasAbandoned = false;
  while (storage.capabilities.exclusiveCreate) {
    throwIfAborted(signal);
    // Before there is a file, which others would take for that of an earlier process.
    held.add(text);
    try {
      await write(storage, path, text, {
        exclusive: true,
        // It keeps others away all the same; only, they wait longer if this process is killed.
        onUnnamed: (error) => onWarning(`${path} does not name its owner: ${error.message}`),
      });
      return new HeldLock(storage, path, text, wasAbandoned, onWarning);
    } catch (error) {
      held.delete(text);
      if (!isCheckpointError(error, "AlreadyExistsError")) {
        if (!isCheckpointError(error, "NotFoundError", "FailedPreconditionError")) {
          onWarning(`Nobody else is kept from writing ${prefix} meanwhile: ${(error as Error).message}`);
        }
        break;
      }
    }
    const abandoned = await abandonedText(storage, path);
    if (abandoned === undefined) await systemClock.sleep(POLL_SECONDS, signal);
    else if (await breakLock(storage, path, abandoned)) wasAbandoned = true;
  }
  return { isHeld: false, wasAbandoned, release: async () => undefined };
}

/** What is in a lock whose owner was stopped, or does not live any more; undefined for others, and if there is none. */
export async function abandonedText(storage: Storage, path: string): Promise<string | undefined> {
  const stat = await storage.stat(path);
  const text = stat?.kind === "file" ? await read(storage, path) : undefined;
  if (stat === undefined || text === undefined || held.has(text)) return undefined;
  const [owner = ""] = text.split(" ");
  // With our own number, it was an earlier process, as after the restart of a container.
  const ended = owner === thisProcess() || hasEnded(owner);
  return ended || Date.now() - stat.modifiedMs > STALE_SECONDS * 1000 ? text : undefined;
}

/** Takes an abandoned lock away, unless somebody else was faster; whether that was done. */
async function breakLock(storage: Storage, path: string, text: string): Promise<boolean> {
  const aside = withSuffix(path, temporarySuffix());
  try {
    await storage.rename(path, aside);
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError")) return false;
    throw error;
  }
  const isOurs = (await read(storage, aside)) === text;
  // Otherwise it has become somebody's who lives, between the two looks.
  await (isOurs ? storage.remove(aside) : storage.rename(aside, path));
  return isOurs;
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
    private readonly text: string,
    readonly wasAbandoned: boolean,
    private readonly onWarning: WarningListener,
  ) {
    this.#timer = setInterval(() => {
      // If it fails, others wait less long, and the next one may not.
      this.#refreshing = write(storage, path, text, { exclusive: false, onUnnamed: () => undefined }).catch(
        () => undefined,
      );
    }, REFRESH_SECONDS * 1000);
    // A process that has nothing else to do need not stay for it.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    held.delete(this.text);
    await this.#refreshing;
    await this.storage.remove(this.path).catch((error: Error) => {
      this.onWarning(`${this.path} could not be removed, which the next save will do: ${error.message}`);
    });
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
    if (isCheckpointError(error, "NotFoundError")) return undefined;
    throw error;
  }
}
