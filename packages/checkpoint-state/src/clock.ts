import { CancelledError, throwIfAborted } from "@tfsaver/core";

/** Time, as far as waiting needs it: the system's, or for tests one of your own. */
export interface Clock {
  /** Seconds since any fixed moment. */
  now(): number;
  /** Resolves after so many seconds; rejects with a `CancelledError` soon after `signal` is aborted. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
}

/** The system's clock. */
export const systemClock: Clock = {
  now: () => Date.now() / 1000,
  sleep: (seconds, signal) =>
    new Promise((resolve, reject) => {
      throwIfAborted(signal);
      const onAbort = () => {
        clearTimeout(timer);
        reject(new CancelledError("The operation was cancelled", { cause: signal?.reason }));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, seconds * 1000);
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
};
