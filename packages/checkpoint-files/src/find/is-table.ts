import { isCheckpointError } from "@tfsaver/core";
import { TABLE_MAGIC } from "@tfsaver/sstable";
import type { Storage } from "@tfsaver/storage";

/** Tells if a file ends like a table. False if it can't be read, or is no file after all, such as a link to a folder. */
export async function isTable(path: string, storage: Storage): Promise<boolean> {
  try {
    return (await storage.stat(path))?.kind === "file" && (await endsLikeTable(path, storage));
  } catch (error) {
    if (isCheckpointError(error, ...UNREADABLE)) return false;
    throw error;
  }
}

/** Kinds of error after which nothing is known about a file: it is gone, no file, or not readable. */
export const UNREADABLE = [
  "NotFoundError",
  "FailedPreconditionError",
  "PermissionDeniedError",
  "OutOfRangeError",
] as const;

/** Every table, and so every V1 file, ends with the magic number. */
async function endsLikeTable(path: string, storage: Storage): Promise<boolean> {
  const file = await storage.open(path);
  try {
    if (file.size < TABLE_MAGIC.length) return false;
    const end = new Uint8Array(TABLE_MAGIC.length);
    await file.readInto(file.size - end.length, [end]);
    return TABLE_MAGIC.every((byte, i) => end[i] === byte);
  } finally {
    await file.close();
  }
}
