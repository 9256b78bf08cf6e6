import { indexFilename, stagedIndexFilename } from "@tfsaver/checkpoint-names";
import { AbortedError, isCheckpointError, NotFoundError } from "@tfsaver/core";
import { CHUNK_BYTES } from "@tfsaver/core/coding";
import { compareBytes } from "@tfsaver/sstable";
import type { CallOptions, OpenOptions, ReadableFile, Storage } from "@tfsaver/storage";

/** Size in bytes of the largest index that is kept in memory as a whole (16 MiB). */
export const MAX_INDEX_IN_MEMORY = 16 << 20;

/** Opens the first of several files that exists. */
export async function openFirst(
  storage: Storage,
  [path = "", ...others]: readonly string[],
  options?: OpenOptions,
): Promise<ReadableFile> {
  return storage.open(path, options).catch((error: unknown) => {
    if (others.length === 0 || !isCheckpointError(error, "NotFoundError")) throw error;
    return openFirst(storage, others, options);
  });
}

/**
 * Opens the index of a checkpoint. While a checkpoint is being replaced, its index has a staged name (see `commitBundle`),
 * but only on storages that can rename files.
 */
export function openIndexFile(storage: Storage, prefix: string, options?: CallOptions): Promise<ReadableFile> {
  const path = indexFilename(prefix);
  // The final name is tried twice, because the index may get it between the first two attempts.
  const others = storage.capabilities.atomicRename ? [stagedIndexFilename(prefix), path] : [];
  return openFirst(storage, [path, ...others], options);
}

/**
 * Checks that the index of a checkpoint is still the one that was opened.
 *
 * @throws `NotFoundError` if the checkpoint was removed, `AbortedError` if it was replaced.
 */
export async function requireUnchanged(storage: Storage, prefix: string, opened: ReadableFile): Promise<void> {
  const now = await openIndexFile(storage, prefix).catch((cause: unknown) => {
    if (!isCheckpointError(cause, "NotFoundError")) throw cause;
    throw new NotFoundError(`${prefix} was removed while it was being read`, { path: prefix, cause });
  });
  if (await sameContent(now, opened).finally(() => now.close())) return;
  throw new AbortedError(`${prefix} was replaced while it was being read: open it again`, { path: prefix });
}

async function sameContent(a: ReadableFile, b: ReadableFile): Promise<boolean> {
  if (a.size !== b.size) return false;
  for (let at = 0; at < a.size; at += CHUNK_BYTES) {
    const read = async (file: ReadableFile) => {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, a.size - at));
      await file.readInto(at, [chunk]);
      return chunk;
    };
    if (compareBytes(await read(a), await read(b)) !== 0) return false;
  }
  return true;
}
