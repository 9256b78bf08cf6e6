import { isCheckpointError } from "@tfsaver/core";
import { escapeGlob, type Storage } from "@tfsaver/storage";
import { SlicesReader } from "./slices-reader.js";

/** Kinds of error for a path that is no V1 checkpoint; others say nothing about it. */
const NOT_ONE = [
  "DataLossError",
  "FailedPreconditionError",
  "InternalError",
  "InvalidArgumentError",
  "NotFoundError",
  "OutOfRangeError",
  // A path with special characters on a storage that can't list folders.
  "UnimplementedError",
] as const;

/**
 * True if a file is a V1 checkpoint, or a shard of one. False for a V2 index, which is a table too, and for a damaged file.
 *
 * @throws the storage's errors, if it could not be found out.
 * @example
 * ```ts
 * import { isSlicesFile } from "@tfsaver/saved-tensor-slices";
 * import { MemoryStorage } from "@tfsaver/storage";
 *
 * console.log(await isSlicesFile("model.ckpt", new MemoryStorage())); // false
 * ```
 */
export async function isSlicesFile(path: string, storage: Storage): Promise<boolean> {
  try {
    const reader = await SlicesReader.open(escapeGlob(path), { storage });
    await reader.close();
    return true;
  } catch (error) {
    if (isCheckpointError(error, ...NOT_ONE)) return false;
    throw error;
  }
}
