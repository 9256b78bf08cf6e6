import { throwIfAborted } from "@tfsaver/core";
import { type Clock, systemClock } from "./clock.js";
import { latestCheckpoint } from "./exists.js";
import type { StateFileOptions } from "./options.js";

/** Options of {@link waitForNewCheckpoint}. */
export interface WaitOptions extends StateFileOptions {
  /** Seconds between two looks. Default: 1. */
  readonly secondsToSleep?: number | undefined;
  /** Most seconds to wait. Default: no limit. */
  readonly timeout?: number | undefined;
  /** Ends the waiting with a `CancelledError`. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
}

/**
 * Waits until {@link latestCheckpoint} of a directory is another one than `lastCheckpoint`, and gives its path;
 * `undefined` when the next look would come after the timeout (`wait_for_new_checkpoint` of TensorFlow).
 *
 * @throws `CancelledError` if `signal` is aborted; otherwise as {@link latestCheckpoint} does.
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
  /** Fewest seconds from one checkpoint to the next. Default: 0. */
  readonly minIntervalSecs?: number | undefined;
  /** Asked after every checkpoint and every timeout whether that was all. Without it a timeout ends the iteration. */
  readonly timeoutFn?: (() => boolean | Promise<boolean>) | undefined;
}

/**
 * Checkpoints of a directory as they appear (`tf.train.checkpoints_iterator`). It looks only when the next one is asked
 * for, so those that came and went meanwhile are skipped.
 *
 * @throws as {@link waitForNewCheckpoint} does.
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
