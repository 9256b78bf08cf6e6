import { AbortedError, DataLossError, isCheckpointError, NotFoundError } from "@tfsaver/core";
import { TableReader } from "@tfsaver/sstable";
import { type CallOptions, type FileStat, type ReadableFile, type Storage, storageAt } from "@tfsaver/storage";
import { sliceFiles } from "./shards/find-shards.js";

/** An open file of a checkpoint. */
export interface OpenFile {
  readonly file: ReadableFile;
  readonly table: TableReader;
}

/** A file that matches a pattern. */
export interface FoundFile {
  readonly path: string;
  /** Size and time, if the file may be replaced while others are opened. */
  readonly stat: FileStat | undefined;
}

/** Finds the files that match a pattern, in the order of their shards. */
export async function findFiles(storage: Storage, pattern: string): Promise<FoundFile[]> {
  const paths = await sliceFiles(storage, pattern);
  const mayChange = mayBeReplaced(storage, pattern, paths);
  return Promise.all(paths.map(async (path) => ({ path, stat: mayChange ? await storage.stat(path) : undefined })));
}

/** True if the files could be replaced between opening the first and the last of them. */
function mayBeReplaced(storage: Storage, pattern: string, paths: readonly string[]): boolean {
  return storageAt(storage, pattern).capabilities.atomicRename && !paths.includes(pattern);
}

/**
 * Checks that files which were opened one after another belong to the same checkpoint.
 *
 * @throws `AbortedError` if they were replaced meanwhile.
 */
export async function requireUnchanged(storage: Storage, pattern: string, found: readonly FoundFile[]): Promise<void> {
  const paths = found.map(({ path }) => path);
  if (!mayBeReplaced(storage, pattern, paths)) return;
  const now = await findFiles(storage, pattern);
  const isSame = ({ path, stat }: FoundFile, i: number) =>
    path === now[i]?.path && stat?.size === now[i]?.stat?.size && stat?.modifiedMs === now[i]?.stat?.modifiedMs;
  if (found.length === now.length && found.every(isSame)) return;
  throw new AbortedError(`${pattern} was replaced while it was being opened: open it again`, { path: pattern });
}

/** Returns the error for a pattern that no file matches, in TensorFlow's words. */
export function noFiles(pattern: string, cause?: Error): NotFoundError {
  const why = cause === undefined ? "" : ` (${cause.message})`;
  return new NotFoundError(
    `Unsuccessful TensorSliceReader constructor: Failed to find any matching files for ${pattern}${why}`,
    { path: pattern, cause },
  );
}

/**
 * Opens a file as a table.
 *
 * @throws `NotFoundError` if there is no such file, `DataLossError` if it is not a table.
 */
export async function openTable(storage: Storage, path: string, options: CallOptions): Promise<OpenFile> {
  let file: ReadableFile;
  try {
    file = await storage.open(path, options);
  } catch (cause) {
    // A directory of this name is no checkpoint, and no damage either.
    if (isCheckpointError(cause, "FailedPreconditionError")) throw noFiles(path, cause);
    throw cause;
  }
  try {
    return { file, table: await TableReader.open(file, options) };
  } catch (cause) {
    await file.close();
    if (!isCheckpointError(cause, "DataLossError")) throw cause;
    throw new DataLossError(
      `Unable to open table file ${path}: ${cause.message}: perhaps your file is in a different file format and you ` +
        "need to use a different restore operator?",
      { path, offset: cause.offset, cause },
    );
  }
}
