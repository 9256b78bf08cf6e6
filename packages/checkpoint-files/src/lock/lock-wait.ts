import { FailedPreconditionError, sleep, UnavailableError, type WarningListener } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import { readLockFile } from "./lock-file.js";
import { describeOwner } from "./lock-text.js";

/** Seconds between two looks at a lock that another saver holds. */
const POLL_SECONDS = 0.02;
/** Milliseconds after which a lock that can be neither created nor read is none. Among many savers it may go unseen for a while. */
const UNSEEN_MS = 5000;
/** Milliseconds after which a wait is reported. */
const SILENT_MS = 1000;

/** Options of a wait for a lock. */
export interface LockWaitOptions {
  readonly storage: Storage;
  /** Ends the wait with a `CancelledError`. */
  readonly signal?: AbortSignal | undefined;
  readonly onWarning: WarningListener;
  /**
   * Limit in milliseconds of the wait while another saver holds the lock. Default: none; a warning names the owner after one
   * second.
   */
  readonly lockTimeoutMs?: number | undefined;
}

/** A wait for the lock of another saver, which never lasts long without a word. */
export class LockWait {
  readonly #start = Date.now();
  #isReported = false;
  #lastSeen = this.#start;

  constructor(
    private readonly prefix: string,
    private readonly path: string,
    private readonly options: LockWaitOptions,
  ) {}

  /**
   * Waits for a moment. After a second, warns who holds the lock.
   *
   * @throws `CancelledError` if the signal is aborted; `UnavailableError` after the timeout; `FailedPreconditionError` if the
   * name of the lock is taken by something that can't be seen.
   */
  async poll(): Promise<void> {
    const { signal, lockTimeoutMs = Number.POSITIVE_INFINITY, storage, onWarning } = this.options;
    const text = (await readLockFile(storage, this.path))?.text;
    const now = Date.now();
    if (text !== undefined) this.#lastSeen = now;
    if (now - this.#lastSeen > UNSEEN_MS) throw this.#unseenError();
    const state = `${this.path} is held by ${describeOwner(text ?? "")}`;
    if (now - this.#start >= lockTimeoutMs) {
      throw new UnavailableError(
        `${this.prefix} is not saved: ${state} for more than ${lockTimeoutMs} ms (lockTimeoutMs)`,
        {
          path: this.prefix,
        },
      );
    }
    if (now - this.#start >= SILENT_MS && !this.#isReported) {
      this.#isReported = true;
      onWarning(`Waiting to save ${this.prefix}: ${state}. If that is not at work, remove the file.`);
    }
    await sleep(POLL_SECONDS, signal);
  }

  #unseenError(): FailedPreconditionError {
    return new FailedPreconditionError(
      `${this.path} can be neither created nor read; it may be a link to a file that does not exist. Remove it.`,
      { path: this.path },
    );
  }
}
