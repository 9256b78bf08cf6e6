import { lockPrefix, removeDebrisOf } from "@tfsaver/checkpoint-state";
import type { WarningListener } from "@tfsaver/core";
import { dirname, type Storage } from "@tfsaver/storage";

/** What a save that is alone works with. */
export interface AloneOptions {
  readonly storage: Storage;
  readonly signal: AbortSignal | undefined;
  readonly onWarning: WarningListener;
  /** Whether writing makes the folder if it is missing. */
  readonly createFolder: boolean;
}

/**
 * Writes a checkpoint while no other saver writes one of the same path, so that one of two is there in the end, whole.
 * What an earlier save of this path has left that was stopped is removed before, and what this one leaves if it fails is
 * removed afterwards.
 *
 * @throws what `write` throws; `CancelledError` if the signal is aborted before it begins.
 */
export async function alone<T>(path: string, options: AloneOptions, write: () => Promise<T>): Promise<T> {
  const { storage, onWarning } = options;
  const lock = await lockPrefix(path, options);
  const clean = () =>
    removeDebrisOf(path, { storage }).catch((error: Error) =>
      onWarning(`What is left of a save of ${path} could not be removed: ${error.message}`),
    );
  let isDone = false;
  try {
    if (lock.wasAbandoned) await clean();
    const result = await write();
    isDone = true;
    return result;
  } catch (error) {
    if (lock.isHeld) await clean();
    throw error;
  } finally {
    await lock.release();
    // Nothing is left of a save that failed; a folder in which there is something stays.
    if (!isDone && lock.madeFolder) await storage.removeDirectory(dirname(path)).catch(() => undefined);
  }
}
