import { CheckpointTransaction } from "@tfsaver/checkpoint-files";
import type { OperationOptions, WarningListener } from "@tfsaver/core";
import { createDirectories, dirname, type Storage } from "@tfsaver/storage";
import type { TakenValues } from "../values/taken-values.js";

/** Options of {@link writeCheckpoint}. */
export interface WriteOptions extends OperationOptions {
  readonly storage: Storage;
  readonly onWarning: WarningListener;
  readonly lockTimeoutMs: number | undefined;
  /** Called when the checkpoint can be read, while its path is still locked: writes the state file. */
  readonly onWritten?: ((prefix: string) => Promise<void>) | undefined;
}

/**
 * Writes a checkpoint, all of it or nothing, and creates the folders that are missing.
 *
 * @returns the prefix of the checkpoint
 */
export async function writeCheckpoint(path: string, taken: TakenValues, options: WriteOptions): Promise<string> {
  const { storage, onWarning, lockTimeoutMs, onWritten, signal, onProgress } = options;
  const { isSharded, isBySession } = taken;
  await createDirectories(storage, dirname(path));
  const transaction = await CheckpointTransaction.begin(
    { path, version: 2, sharded: isSharded },
    { storage, onWarning, lockTimeoutMs, signal },
  );
  try {
    const saved = await transaction.write((prefix) =>
      taken.write(prefix, { signal, onProgress, ...transaction.commitOptions }),
    );
    if (isBySession) await transaction.requireVisible(saved);
    await onWritten?.(saved);
    await transaction.end();
    return saved;
  } catch (error) {
    throw await transaction.fail(error);
  }
}
