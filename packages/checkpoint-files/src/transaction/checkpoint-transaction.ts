import { indexFilename, lockFilename } from "@tfsaver/checkpoint-names";
import {
  AbortedError,
  DataLossError,
  isCheckpointError,
  RuntimeError,
  type WarningListener,
  warnOnConsole,
} from "@tfsaver/core";
import type { CommitOptions } from "@tfsaver/storage";
import { basename, type CallOptions, dirname, type Storage, storageAt } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { removeDebrisOf } from "../debris/remove-debris.js";
import { checkpointExists } from "../find/checkpoint-exists.js";
import { namesBeginningWith } from "../find/names-in-folder.js";
import type { PrefixLock } from "../lock/lock.js";
import { lockPrefix } from "../lock/prefix-lock.js";
import type { StorageOptions } from "../options.js";
import { settleReplacement } from "../replacement/settle-replacement.js";
import { showStaged } from "../replacement/show-staged.js";
import { type CheckDepth, checkWritten } from "./check-written.js";
import { type NewCheckpoint, newCheckpointExists, removeNewCheckpoint } from "./new-checkpoint.js";
import { removeHiddenSlices, removeHidingBundle, removeReplacedBundle } from "./other-format.js";
import { StagedFiles } from "./staged-files.js";
import { writeShards } from "./write-shards.js";

/** Options of {@link CheckpointTransaction.begin}. */
export interface TransactionOptions extends StorageOptions, CommitOptions {
  /** Ends the wait for the lock with a `CancelledError`. */
  readonly signal?: AbortSignal | undefined;
  /** Creates the folder of the checkpoint if it is missing, but none above it. Default: false. */
  readonly createFolder?: boolean | undefined;
  /** Limit in milliseconds of the wait for the lock. Default: none. */
  readonly lockTimeoutMs?: number | undefined;
}

/**
 * Writes one checkpoint all or nothing: locks its prefix, cleans up after an interrupted earlier save, has the files
 * written and committed, and rolls back if that fails. No reader sees half a checkpoint, and of two savers of one prefix
 * the later one waits.
 *
 * Ends with {@link CheckpointTransaction.end}, or with {@link CheckpointTransaction.fail} after an error.
 *
 * @example
 * ```ts
 * import { CheckpointTransaction } from "@tfsaver/checkpoint-files";
 * import { toTensor } from "@tfsaver/core";
 * import { BundleWriter } from "@tfsaver/tensor-bundle";
 *
 * const transaction = await CheckpointTransaction.begin({ path: "run/model", version: 2, sharded: false });
 * try {
 *   await transaction.write(async (prefix) => {
 *     const writer = new BundleWriter(prefix, transaction.commitOptions);
 *     await writer.add("w", toTensor([1, 2]));
 *     await writer.finish();
 *     return prefix;
 *   });
 *   await transaction.end();
 * } catch (error) {
 *   throw await transaction.fail(error);
 * }
 * ```
 */
export class CheckpointTransaction {
  /**
   * For whatever writes and commits the files: where it writes them, if they are to appear at the end, or else to be called right
   * before it replaces anything.
   */
  readonly commitOptions: CommitOptions;
  readonly #staged: StagedFiles | undefined;

  #isWritten = false;
  /** True if no checkpoint of this prefix was there before. */
  #isNew = false;

  private constructor(
    private readonly checkpoint: NewCheckpoint,
    private readonly storage: Storage,
    private readonly onWarning: WarningListener,
    private readonly lock: PrefixLock,
    private readonly beforeCommit: CommitOptions["beforeCommit"],
  ) {
    const { atomicPut, atomicRename } = storage.capabilities;
    this.#staged = atomicPut && !atomicRename ? new StagedFiles(storage, checkpoint.path) : undefined;
    this.commitOptions = this.#staged ? { staging: this.#staged } : { beforeCommit: () => this.#requireTurn() };
  }

  /**
   * Locks the prefix, waiting while another saver holds the lock, and removes what an interrupted earlier save left.
   *
   * @throws `CancelledError` if the signal is aborted; `UnavailableError` after `lockTimeoutMs`; `FailedPreconditionError` if
   * something else than a lock has the name of the lock file.
   */
  static async begin(checkpoint: NewCheckpoint, options: TransactionOptions = {}): Promise<CheckpointTransaction> {
    const { onWarning = warnOnConsole, signal, createFolder, lockTimeoutMs } = options;
    const storage = storageAt(options.storage ?? defaultStorage(), checkpoint.path);
    const { path } = checkpoint;
    const lock = await lockPrefix(path, { storage, onWarning, signal, createFolder, lockTimeoutMs });
    const transaction = new CheckpointTransaction(checkpoint, storage, onWarning, lock, options.beforeCommit);
    if (!lock.wasAbandoned) return transaction;
    try {
      const loss = await settleReplacement(storage, path, lock.replacement);
      if (loss !== undefined) onWarning(loss.message);
      if (lock.replacement !== undefined) await lock.record(undefined);
    } catch (error) {
      await lock.leave();
      throw error;
    }
    await transaction.#removeDebris();
    return transaction;
  }

  /**
   * Writes the files. If that fails and no checkpoint was there before, removes what got its final name already: a save
   * that is cancelled or fails in its last flush leaves nothing. An older checkpoint stays. After success, no checkpoint of the
   * same prefix in the other format hides the new one.
   *
   * @param write - writes the files of the prefix that it is given, and returns the prefix, or of a V1 checkpoint in
   * shards the pattern of its files. The prefix is a temporary one where shards replace an older checkpoint.
   * @returns the prefix or pattern under which the checkpoint can be read now
   * @throws `AbortedError` if the lock was lost; whatever `write` throws.
   */
  async write(write: (prefix: string) => Promise<string>): Promise<string> {
    const { checkpoint, storage } = this;
    const { path, version, sharded } = checkpoint;
    const { isThere, mayHide } = await this.#lookAround();
    this.#isNew = !isThere;
    let written: string;
    try {
      written = await (version === 1 && sharded
        ? writeShards(path, write, { storage, ...this.commitOptions })
        : write(path));
      if (this.#staged === undefined) {
        // A session on another machine has not asked before its commit.
        await this.requireLock();
      } else {
        const { files } = this.#staged;
        await showStaged(files, {
          storage,
          prefix: path,
          replaces: isThere,
          lock: this.lock,
          beforeCommit: () => this.#requireTurn(),
          onWarning: this.onWarning,
        });
      }
      if (version === 1 && !sharded) await removeHidingBundle(checkpoint, storage, this.onWarning);
    } catch (error) {
      // Files that the lock names may be all that is left of the checkpoint: `fail` completes or rolls back.
      if (this.lock.replacement === undefined) await this.#staged?.abandon();
      if (!isThere && (await this.#isLocked())) await removeNewCheckpoint(checkpoint, storage, this.onWarning);
      throw error;
    }
    if (version === 2 && mayHide) await removeHiddenSlices(checkpoint, storage, this.onWarning);
    this.#isWritten = true;
    return written;
  }

  /**
   * Makes sure that a checkpoint which was written elsewhere can be seen and read in this storage. Otherwise the state file
   * would name a checkpoint that is not there, or of no use.
   *
   * @param depth - how much of it is read; default: `index`
   * @param options - a signal ends reading all of it, and a new checkpoint is removed again; `advice` is a sentence for the error,
   * such as how to skip this check
   * @throws `RuntimeError` if it can't be seen; `DataLossError` if it can't be read back.
   */
  async requireVisible(
    prefix: string,
    depth: CheckDepth = "index",
    { advice = "", ...options }: CallOptions & { readonly advice?: string } = {},
  ): Promise<void> {
    const { storage } = this;
    // Files that this transaction has shown need not be looked for: reading them back tells if they are there.
    const isShown = this.#isWritten && (this.#staged?.files.length ?? 0) > 0;
    if (isShown || (await checkpointExists(prefix, { storage }))) return this.#requireReadable(prefix, depth, options);
    throw new RuntimeError(
      `The session has saved ${prefix}, but the saver can't see it. Where servers write checkpoints, their folder must be ` +
        "visible here too, under the same path; otherwise, give session and saver the same storage. The state file was not " +
        `written. ${advice}`.trimEnd(),
      { path: prefix },
    );
  }

  async #requireReadable(prefix: string, depth: CheckDepth, options: CallOptions = {}): Promise<void> {
    const { storage, checkpoint } = this;
    // The index takes milliseconds, which is no time to cancel.
    const signal = depth === "all" ? options.signal : undefined;
    try {
      await checkWritten(prefix, depth, storage, { version: checkpoint.version, signal });
    } catch (error) {
      if (isCheckpointError(error, "CancelledError") && this.#isNew && (await this.#isLocked()))
        await removeNewCheckpoint(checkpoint, storage, this.onWarning);
      throw error;
    }
  }

  /** @throws `AbortedError` if the lock was lost, so that another saver may be writing the checkpoint. */
  async requireLock(): Promise<void> {
    if (await this.lock.isLost()) throw this.#lostError();
  }

  /** Removes a V2 checkpoint that V1 shards have replaced, and releases the lock. Call it when the state file is written. */
  async end(): Promise<void> {
    const { checkpoint, storage, onWarning } = this;
    if (this.#isWritten && checkpoint.version === 1 && checkpoint.sharded) {
      // Until now the state file may have named it: shards have a name of their own, so it hides nothing.
      await removeReplacedBundle(checkpoint, storage, onWarning);
    }
    await this.lock.release();
  }

  /**
   * Rolls back what is left of a transaction that failed, and releases the lock. Best effort: what can't be removed is a
   * warning.
   *
   * @returns the error to throw: the given one, or an `AbortedError` if the lock was lost
   */
  async fail(error: unknown): Promise<unknown> {
    let isSettled = true;
    try {
      // Another saver owns the files now, and may be the cause of the error.
      if (await this.#isLost()) return this.#lostError(error);
      const isLocked = this.lock.isHeld && (await this.#isLocked());
      const settled = isLocked || this.lock.replacement !== undefined ? await this.#settle(error) : { error };
      isSettled = settled !== undefined;
      if (isLocked) await this.#removeDebris();
      return settled?.error ?? error;
    } finally {
      if (isSettled) await this.lock.release();
      else await this.lock.leave();
      if (this.lock.madeFolder)
        await this.storage.removeDirectory(dirname(this.checkpoint.path)).catch(() => undefined);
    }
  }

  /** Tells if a checkpoint is replaced, and if a file of the other format may have its prefix for a name. */
  async #lookAround(): Promise<{ readonly isThere: boolean; readonly mayHide: boolean }> {
    const { checkpoint, storage } = this;
    if (this.#staged === undefined || checkpoint.version !== 2) {
      return { isThere: await newCheckpointExists(checkpoint, storage), mayHide: true };
    }
    const name = basename(checkpoint.path);
    const names = await namesBeginningWith(name, dirname(checkpoint.path), storage);
    return { isThere: names.has(indexFilename(name)), mayHide: names.has(name) };
  }

  async #requireTurn(): Promise<void> {
    await this.beforeCommit?.();
    await this.requireLock();
  }

  /**
   * Completes a replacement, or rolls it back.
   *
   * @returns the error to throw: the cause, or that the checkpoint is lost; undefined if the storage failed
   */
  async #settle(cause: unknown): Promise<{ readonly error: unknown } | undefined> {
    const { path } = this.checkpoint;
    try {
      const loss = await settleReplacement(this.storage, path, this.lock.replacement);
      return { error: loss === undefined ? cause : new DataLossError(loss.message, { path: loss.path, cause }) };
    } catch (error) {
      this.onWarning(
        `The files of ${path} could not all be given their names; the next save, or removeDebris, does that: ` +
          (error as Error).message,
      );
      return undefined;
    }
  }

  async #removeDebris(): Promise<void> {
    const { path } = this.checkpoint;
    await removeDebrisOf(path, { storage: this.storage }).catch((error: Error) =>
      this.onWarning(`The remains of an interrupted save of ${path} could not be removed: ${error.message}`),
    );
  }

  /** True if the lock is lost, false if it is not, undefined if the storage can't tell. */
  #isLost(): Promise<boolean | undefined> {
    return this.lock.isLost().catch(() => undefined);
  }

  async #isLocked(): Promise<boolean> {
    return (await this.#isLost()) === false;
  }

  #lostError(cause?: unknown): AbortedError {
    const { path } = this.checkpoint;
    return new AbortedError(
      `The save of ${path} is aborted: its lock, ${lockFilename(path)}, was taken over or removed, so another saver may be ` +
        "writing this checkpoint. A process that was suspended for too long loses its locks. Save again.",
      { path, cause },
    );
  }
}
