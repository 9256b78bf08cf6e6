import { CancelledError } from "./errors.js";

/** The progress of a long operation. */
export interface Progress {
  /** Bytes done so far. */
  readonly done: number;
  /** Bytes in all. */
  readonly total: number;
  /** The tensor just finished, or of which a part was. */
  readonly tensor: string;
}

/** Options of every long operation. */
export interface OperationOptions {
  /** Stops the operation with a {@link CancelledError} soon after the signal is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Called after every tensor, and by some operations after every piece of a large one. Must not throw. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Checks whether an operation was cancelled.
 *
 * @throws {@link CancelledError} if `signal` is aborted.
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError("The operation was cancelled", { cause: signal.reason });
}

/** Receives a message that a person should read but that is no error. */
export type WarningListener = (message: string) => void;

/** Prints a warning with `console.warn`: the default {@link WarningListener}. */
export function warnOnConsole(message: string): void {
  // biome-ignore lint/suspicious/noConsole: without a listener, the console is where a warning is seen
  console.warn(message);
}
