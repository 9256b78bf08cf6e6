import { CancelledError } from "./errors.js";

/** How far a long operation has come. */
export interface Progress {
  /** Bytes done so far. */
  readonly done: number;
  /** Bytes in all. */
  readonly total: number;
  /** The tensor just finished. */
  readonly tensor: string;
}

/** What every long operation accepts. */
export interface OperationOptions {
  /** Stops the operation with a {@link CancelledError} soon after it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Told after every tensor. Must not throw. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What an operation accepts that has new files take the place of others. */
export interface CommitOptions {
  /**
   * Asked when all is written and flushed, just before anything that has a name of its own is replaced. What it throws is
   * thrown; then everything is as it was.
   */
  readonly beforeCommit?: (() => Promise<void>) | undefined;
}

/** Throws a {@link CancelledError} if `signal` is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError("The operation was cancelled", { cause: signal.reason });
}

/** Receives what is worth telling a person but is no error. */
export type WarningListener = (message: string) => void;

/** The {@link WarningListener} that is used where none is given. */
export function warnOnConsole(message: string): void {
  // biome-ignore lint/suspicious/noConsole: a warning that nobody listens to must not be lost
  console.warn(message);
}
