import { lockPrefix, removeDebrisOf } from "@tfsaver/checkpoint-state";
import { AbortedError, type WarningListener } from "@tfsaver/core";
import { dirname, type Storage } from "@tfsaver/storage";

/** What a save that is alone works with. */
export interface AloneOptions {
  readonly storage: Storage;
  readonly signal: AbortSignal | undefined;
  readonly onWarning: WarningListener;
  /** Whether writing makes the folder if it is missing. */
  readonly createFolder: boolean;
}

/** The right to write a checkpoint alone, which may be lost meanwhile. */
export interface Turn {
  /** @throws `AbortedError` if another saver may be writing the checkpoint by now. */
  requireKept(): Promise<void>;
  /** Whether it is known that nobody else writes it. Never throws. */
  isKept(): Promise<boolean>;
}

/**
 * Writes a checkpoint while no other saver writes one of the same path, so that one of two is there in the end, whole.
 * What an earlier save of this path has left that was stopped is removed before, and what this one leaves if it fails is
 * removed afterwards.
 *
 * @param write - asks before it replaces anything whether it is its turn still
 * @throws what `write` throws; `CancelledError` if the signal is aborted before it begins.
 */
export async function alone<T>(path: string, options: AloneOptions, write: (turn: Turn) => Promise<T>): Promise<T> {
  const { storage, onWarning } = options;
  const lock = await lockPrefix(path, options);
  const clean = () =>
    removeDebrisOf(path, { storage }).catch((error: Error) =>
      onWarning(`What is left of a save of ${path} could not be removed: ${error.message}`),
    );
  /** Undefined if nobody can tell. */
  const isLost = () => lock.isLost().catch(() => undefined);
  const turn: Turn = {
    async requireKept() {
      if (await lock.isLost()) throw new AbortedError(lostText(path), { path });
    },
    isKept: async () => (await isLost()) === false,
  };
  let isDone = false;
  try {
    if (lock.wasAbandoned) await clean();
    const result = await write(turn);
    isDone = true;
    return result;
  } catch (error) {
    // Then what is there is somebody else's business, and whatever has gone wrong may come from that.
    if (await isLost()) throw new AbortedError(lostText(path), { path, cause: error });
    if (lock.isHeld && (await turn.isKept())) await clean();
    throw error;
  } finally {
    await lock.release();
    // Nothing is left of a save that failed; a folder in which there is something stays.
    if (!isDone && lock.madeFolder) await storage.removeDirectory(dirname(path)).catch(() => undefined);
  }
}

function lostText(path: string): string {
  return (
    `The save of ${path} is given up, because another saver may be writing it by now: this one was suspended for so long ` +
    `that its lock, ${path}.saving, was taken for left behind; or that file was removed. Save again.`
  );
}
