import { sleep } from "@tfsaver/core";

/** The clock that waiting goes by: the system's, or one of your own for tests. */
export interface Clock {
  /** Returns seconds since any fixed moment. */
  now(): number;
  /** Resolves after a number of seconds. Rejects with a `CancelledError` soon after `signal` is aborted. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
}

/** The system's clock. */
export const systemClock: Clock = { now: () => Date.now() / 1000, sleep };
