import type { Replacement } from "./lock-text.js";

/** The right to write one checkpoint, which one saver has at a time. */
export interface PrefixLock {
  /** True if the lock file exists. False on storages without exclusive create: nothing is locked. */
  readonly isHeld: boolean;
  /** True if an earlier owner died while it held the lock, so that there may be debris of its save. */
  readonly wasAbandoned: boolean;
  /** True if the folder was created for the lock file. */
  readonly madeFolder: boolean;
  /** The replacement that the lock names: that of {@link PrefixLock.record}, or what an earlier owner left when it died. */
  readonly replacement: Replacement | undefined;
  /**
   * Writes a replacement into the lock, or that there is none. If this process ends, the one that takes the lock over completes it,
   * or rolls it back. Only on a storage with `put`.
   *
   * @throws `AbortedError` if another process took the lock, or the lock file was removed; `ResourceExhaustedError` for too many
   * files; the storage's errors.
   */
  record(replacement: Replacement | undefined): Promise<void>;
  /**
   * Tells if another process took the lock, as after this one was suspended, or if the lock file was removed.
   *
   * @throws the storage's errors.
   */
  isLost(): Promise<boolean>;
  /** Removes the lock file. Never throws. */
  release(): Promise<void>;
  /** Gives the lock up, but keeps its file: the next saver of this checkpoint ends the replacement that it names. Never throws. */
  leave(): Promise<void>;
}
