import { throwIfAborted } from "@tfsaver/core";
import { type Clock, systemClock } from "./clock.js";
import { latestCheckpoint } from "./latest-checkpoint.js";
import type { StateFileOptions } from "./options.js";

/** Options of {@link waitForNewCheckpoint}. */
export interface WaitOptions extends StateFileOptions {
  /** Seconds between two looks at the state file. Default: 1. */
  readonly secondsToSleep?: number | undefined;
  /** Limit of the wait in seconds. Default: none. */
  readonly timeout?: number | undefined;
  /** Ends the wait with a `CancelledError`. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
}

/**
 * Waits until {@link latestCheckpoint} of a directory differs from `lastCheckpoint`, and returns its path
 * (`wait_for_new_checkpoint` of TensorFlow). Undefined if the next look would come after the timeout.
 *
 * @throws `CancelledError` if `signal` is aborted; otherwise as {@link latestCheckpoint}.
 */
export async function waitForNewCheckpoint(
  directory: string,
  lastCheckpoint?: string,
  options: WaitOptions = {},
): Promise<string | undefined> {
  const { secondsToSleep = 1, timeout, signal, clock = systemClock } = options;
  const stopTime = timeout === undefined ? Number.POSITIVE_INFINITY : clock.now() + timeout;
  for (;;) {
    throwIfAborted(signal);
    const path = await latestCheckpoint(directory, options);
    if (path !== undefined && path !== lastCheckpoint) return path;
    if (clock.now() + secondsToSleep > stopTime) return undefined;
    await clock.sleep(secondsToSleep, signal);
  }
}

/** Options of {@link checkpointsIterator}. */
export interface CheckpointsIteratorOptions extends WaitOptions {
  /** Minimum time in seconds from one checkpoint to the next. Default: 0. */
  readonly minIntervalSecs?: number | undefined;
  /**
   * Called after every checkpoint and every timeout; returns true to end the iteration. Default: a timeout ends it.
   */
  readonly timeoutFn?: (() => boolean | Promise<boolean>) | undefined;
}

/**
 * Yields the checkpoints of a directory as they appear (`tf.train.checkpoints_iterator`). Looks only when the next one is
 * requested, so checkpoints that came and went meanwhile are skipped.
 *
 * @throws as {@link waitForNewCheckpoint}.
 *
 * @example
 * ```ts
 * import { checkpointsIterator } from "@tfsaver/checkpoint-state";
 *
 * for await (const prefix of checkpointsIterator("run", { timeout: 600 })) console.log(prefix);
 * ```
 */
export async function* checkpointsIterator(
  directory: string,
  options: CheckpointsIteratorOptions = {},
): AsyncGenerator<string, void, undefined> {
  const { minIntervalSecs = 0, timeoutFn, signal, clock = systemClock } = options;
  let last: string | undefined;
  for (;;) {
    const path = await waitForNewCheckpoint(directory, last, options);
    if (path !== undefined) {
      last = path;
      const start = clock.now();
      yield path;
      const rest = start + minIntervalSecs - clock.now();
      if (rest > 0) await clock.sleep(rest, signal);
    } else if (timeoutFn === undefined) return;
    if (timeoutFn !== undefined && (await timeoutFn())) return;
  }
}
