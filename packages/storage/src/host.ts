let page: string | undefined;

/** Names this page or worker, in files that other processes read. */
export function thisProcess(): string {
  page ??= `page/${crypto.getRandomValues(new BigUint64Array(1))[0]}`;
  return page;
}

/** Tells if a process has ended. A page cannot see processes, so the answer is always `undefined`. */
export function hasEnded(_name: string): boolean | undefined {
  return undefined;
}

/** A signal that asks a process to end. */
export type StopSignal = "SIGHUP" | "SIGINT" | "SIGTERM" | "SIGBREAK" | "SIGUSR1" | "SIGUSR2";

/**
 * Calls a function for each signal that the process receives, in place of ending.
 *
 * @returns a function that ends this; `undefined` in a page, which receives no signals.
 */
export function watchSignals(
  _signals: readonly StopSignal[],
  _onSignal: (signal: StopSignal) => void,
): (() => void) | undefined {
  return undefined;
}

/** Ends the process as the signal would. Does nothing in a page. */
export function endProcess(_signal: StopSignal): void {}

/**
 * Allocates memory with any content; a page only has memory that is filled with zeros.
 *
 * @throws `RangeError` if there is not enough memory.
 */
export function unfilledMemory(size: number): ArrayBuffer {
  return new ArrayBuffer(size);
}
