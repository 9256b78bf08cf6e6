import { indexFilename, stagedIndexFilename } from "@tfsaver/checkpoint-names";
import { AbortedError, isCheckpointError, NotFoundError } from "@tfsaver/core";
import { compareBytes } from "@tfsaver/sstable";
import type { CallOptions, ReadableFile, Storage } from "@tfsaver/storage";

const PIECE = 1 << 20;
/** A larger index is not kept in memory as a whole, in bytes. */
export const LARGEST_KEPT = 16 << 20;

/** Opens the first of some files that exists. */
export async function openFirst(
  storage: Storage,
  [path = "", ...others]: readonly string[],
  options?: CallOptions,
): Promise<ReadableFile> {
  return storage.open(path, options).catch((error: unknown) => {
    if (others.length === 0 || !isCheckpointError(error, "NotFoundError")) throw error;
    return openFirst(storage, others, options);
  });
}

/**
 * Opens the index of a checkpoint, which, while it is being replaced, waits under another name: see `commitBundle`. That
 * happens only where files can be renamed.
 */
export function openIndexFile(storage: Storage, prefix: string, options?: CallOptions): Promise<ReadableFile> {
  const path = indexFilename(prefix);
  // The path twice, because the index may get it between the two looks.
  const others = storage.capabilities.atomicRename ? [stagedIndexFilename(prefix), path] : [];
  return openFirst(storage, [path, ...others], options);
}

/**
 * Makes sure that an index that is open is still the one of its prefix.
 *
 * @throws `NotFoundError` if there is none any more, `AbortedError` if there is another one.
 */
export async function requireUnchanged(storage: Storage, prefix: string, opened: ReadableFile): Promise<void> {
  const now = await openIndexFile(storage, prefix).catch((cause: unknown) => {
    if (!isCheckpointError(cause, "NotFoundError")) throw cause;
    throw new NotFoundError(`${prefix} was removed while it was read`, { path: prefix, cause });
  });
  if (await sameContent(now, opened).finally(() => now.close())) return;
  throw new AbortedError(`${prefix} was written anew while it was read: open it again`, { path: prefix });
}

async function sameContent(a: ReadableFile, b: ReadableFile): Promise<boolean> {
  if (a.size !== b.size) return false;
  for (let at = 0; at < a.size; at += PIECE) {
    const read = async (file: ReadableFile) => {
      const piece = new Uint8Array(Math.min(PIECE, a.size - at));
      await file.readInto(at, [piece]);
      return piece;
    };
    if (compareBytes(await read(a), await read(b)) !== 0) return false;
  }
  return true;
}
