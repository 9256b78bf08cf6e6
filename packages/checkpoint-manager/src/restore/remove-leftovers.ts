import { removeDebris } from "@tfsaver/checkpoint-files";
import { isCheckpointError, type WarningListener } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";

/**
 * Removes from a folder what interrupted saves left. A save removes only leftovers of its own path, which it may never write to
 * again. If they can't be removed, warns: the training goes on.
 */
export async function removeLeftovers(directory: string, storage: Storage, onWarning: WarningListener): Promise<void> {
  try {
    await removeDebris(directory, { storage });
  } catch (error) {
    // There is no folder yet, or the storage can't list one.
    if (isCheckpointError(error, "NotFoundError", "UnimplementedError")) return;
    onWarning(`${directory} keeps what interrupted saves left there, since it can't be removed: ${error}`);
  }
}
