import { sleep, ValueError } from "@tfsaver/core";

/** Options of {@link retrying}. */
export interface RetryOptions {
  /** Number of attempts in all, the first included. Default: 8. */
  readonly maxAttempts?: number | undefined;
  /** Milliseconds before the second attempt; each later wait is twice as long, up to ten seconds. Default: 200. */
  readonly backoffMs?: number | undefined;
}

const MAX_ATTEMPTS = 8;
const BACKOFF_MS = 200;
const LONGEST_WAIT_MS = 10_000;

/**
 * Runs an attempt again after a failure that may pass. Waits longer each time, by a random part of up to a half, so that many
 * clients do not return at once.
 *
 * @param isTransient - true for failures after which another attempt makes sense
 * @param signal - ends the waiting with a `CancelledError`
 * @returns the result of the first attempt that succeeds
 * @throws the error of the last attempt; `ValueError` if an option is not positive.
 */
export async function retrying<T>(
  attempt: () => Promise<T>,
  isTransient: (error: unknown) => boolean,
  options: RetryOptions = {},
  signal?: AbortSignal,
): Promise<T> {
  const { maxAttempts = MAX_ATTEMPTS, backoffMs = BACKOFF_MS } = options;
  if (!(maxAttempts >= 1)) throw new ValueError(`maxAttempts must be at least 1, not ${maxAttempts}`);
  if (!(backoffMs >= 0)) throw new ValueError(`backoffMs must be a number of milliseconds, not ${backoffMs}`);
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries >= maxAttempts || !isTransient(error)) throw error;
    }
    const longest = Math.min(backoffMs * 2 ** (tries - 1), LONGEST_WAIT_MS);
    await sleep((longest * (1 + Math.random())) / 2000, signal);
  }
}
