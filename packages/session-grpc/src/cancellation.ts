import { CancelledError } from "@tfsaver/core";

/** Makes the error of a request that an aborted signal ended. */
export function cancelledBy(signal: AbortSignal): CancelledError {
  return new CancelledError("The operation was cancelled", { cause: signal.reason });
}

/** Waits for a promise. Rejects with a `CancelledError` as soon as the signal is aborted, which it must not be yet. */
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
