import { isCheckpointError } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";

/** Returns the names in a folder that begin with a text. None if there is no such folder. */
export async function namesBeginningWith(
  startsWith: string,
  folder: string,
  storage: Storage,
): Promise<ReadonlySet<string>> {
  try {
    const entries = await storage.list(folder || ".", { startsWith });
    return new Set(entries.map(({ name }) => name).filter((name) => name.startsWith(startsWith)));
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError", "FailedPreconditionError")) return new Set();
    throw error;
  }
}
