import { CancelledError } from "@tfsaver/core";

/** The error of what an aborted signal has ended. */
export function cancelledBy(signal: AbortSignal): CancelledError {
  return new CancelledError("The operation was cancelled", { cause: signal.reason });
}

/** What `promise` gives, or a `CancelledError` as soon as the signal is aborted, which it is not yet. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(cancelledBy(signal));
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
