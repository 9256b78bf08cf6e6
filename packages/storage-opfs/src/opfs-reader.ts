import { AbortedError, throwIfAborted } from "@tfsaver/core";
import type { CallOptions, ReadableFile } from "@tfsaver/storage";
import { BlobReader } from "@tfsaver/storage/blob";
import { fileAt } from "./entries.js";
import { isNamed, translating } from "./platform-errors.js";

/** Size in bytes up to which a file is read when it is opened. */
const SMALL = 64 << 10;

/** Maximum number of attempts to read a small file that is replaced again and again. */
const ATTEMPTS = 20;

/** Opens a file. A small one is read at once, so that it can be replaced afterwards. */
export async function openReader(path: string, options?: CallOptions): Promise<ReadableFile> {
  for (let left = ATTEMPTS - 1; ; left--) {
    throwIfAborted(options?.signal);
    const handle = await fileAt(path);
    const file = await translating(path, () => handle.getFile());
    if (file.size > SMALL) return new OpfsReader(path, file);
    try {
      return new BlobReader(path, new Blob([await file.arrayBuffer()]));
    } catch (error) {
      if (!isNamed(error, ...CHANGED)) throw error;
      if (left === 0) throw changed(path, error);
    }
  }
}

/** Names of the browser's errors for a file that was replaced, renamed or removed since it was opened. */
const CHANGED = ["NotReadableError", "NotFoundError"] as const;

function changed(path: string, cause: unknown): AbortedError {
  return new AbortedError(`${path} was replaced, renamed or removed while it was being read: open it again`, {
    path,
    cause,
  });
}

/** An open file of an `OpfsStorage`, read piece by piece. */
class OpfsReader extends BlobReader {
  override async readInto(offset: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void> {
    try {
      await super.readInto(offset, targets, options);
    } catch (error) {
      const { cause } = error as Error;
      throw isNamed(cause, ...CHANGED) ? changed(this.path, cause) : error;
    }
  }
}
