import type { Storage } from "./storage.js";

/** Options of an operation that commits new files, which may replace others. */
export interface CommitOptions {
  /**
   * Called when everything is written and flushed, just before the first file gets its final name or an old one is
   * removed. If it throws, the operation rolls back and rethrows the error.
   */
  readonly beforeCommit?: (() => Promise<void>) | undefined;
  /**
   * The storage to write to in place of the one that is read, if the caller makes the files appear: on a storage without a
   * rename in one step, what is written here can't be seen before. Default: the same storage.
   */
  readonly staging?: Storage | undefined;
}
