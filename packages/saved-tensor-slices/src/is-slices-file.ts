import { isCheckpointError } from "@tfsaver/core";
import { escapeGlob, type Storage } from "@tfsaver/storage";
import { SlicesReader } from "./slices-reader.js";

/** Kinds of error that tell that a file is none, or damaged, or not there. */
const NO_SLICES = [
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
 * @throws the storage's errors, if the file can't be read.
 *
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
    if (isCheckpointError(error, ...NO_SLICES)) return false;
    throw error;
  }
}
