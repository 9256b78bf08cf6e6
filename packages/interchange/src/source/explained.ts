import { DataLossError, isCheckpointError } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";

/** Kinds of files that lie in the place of any other. The error of a format would mislead. */
const MISTAKEN = ["git-lfs-pointer", "web-page", "zeros"];

/**
 * Opens a file. If it is damaged because something else lies in its place, such as a Git LFS pointer, the error says so.
 *
 * @throws what `open` throws, or a `DataLossError` with it as its cause.
 */
export async function explained<T>(
  path: string,
  { storage = defaultStorage() }: { readonly storage?: Storage | undefined },
  open: () => Promise<T>,
): Promise<T> {
  try {
    return await open();
  } catch (cause) {
    if (!isCheckpointError(cause, "DataLossError")) throw cause;
    // Loaded only after an error.
    const { identifyFile } = await import("@tfsaver/checkpoint-reader");
    const file = cause.path ?? path;
    const found = await identifyFile(file, storage).catch(() => undefined);
    if (found === undefined || !MISTAKEN.includes(found.kind)) throw cause;
    throw new DataLossError(`${file} is ${found.description}`, { path: file, cause });
  }
}
