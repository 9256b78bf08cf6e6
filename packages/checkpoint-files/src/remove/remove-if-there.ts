import { isCheckpointError } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";

/** Removes a file. One that is missing is no error. */
export async function removeIfThere(storage: Storage, path: string): Promise<void> {
  await storage.remove(path).catch((error: unknown) => {
    if (!isCheckpointError(error, "NotFoundError")) throw error;
  });
}
