import { canonicalPath, partsOf } from "./paths.js";
import { isNamed, mismatch, missing, translating } from "./platform-errors.js";

/** What all browsers have, and the types of TypeScript lack. */
interface FileHandle extends FileSystemFileHandle {
  move(directory: FileSystemDirectoryHandle, name: string): Promise<void>;
}

/** A name in an existing directory. */
export interface Place {
  readonly directory: FileSystemDirectoryHandle;
  readonly name: string;
}

/** Finds what a path leads to; undefined if its last part does not exist. */
export async function find(path: string): Promise<FileHandle | FileSystemDirectoryHandle | undefined> {
  const { parents, name, isDirectory } = partsOf(path);
  const directory = await descend(path, parents);
  if (name === undefined) return directory;
  return translating(path, async () => {
    const found = await handleIn(directory, name);
    if (found?.kind === "file" && isDirectory) throw mismatch(path, "is not a directory");
    return found;
  });
}

/** Returns an existing file. */
export async function fileAt(path: string): Promise<FileHandle> {
  const found = await find(path);
  if (found === undefined) throw missing(path);
  if (found.kind === "directory") throw mismatch(path, "is a directory");
  return found;
}

/** Returns an existing directory. */
export async function directoryAt(path: string): Promise<FileSystemDirectoryHandle> {
  const found = await find(path);
  if (found === undefined) throw missing(path);
  if (found.kind === "file") throw mismatch(path, "is not a directory");
  return found;
}

/** Returns the place of a path, which need not exist. */
export async function placeOf(path: string): Promise<Place> {
  const { parents, name } = partsOf(path);
  if (name === undefined) throw mismatch(path, "is the root, which is always there");
  return { directory: await descend(path, parents), name };
}

/** Runs `action` while no page or worker of this origin runs another one for the same path. */
export function alone<T>(path: string, action: () => Promise<T>): Promise<T> {
  return navigator.locks.request(`@tfsaver/storage-opfs: ${canonicalPath(path)}`, action) as Promise<T>;
}

async function descend(path: string, names: readonly string[]): Promise<FileSystemDirectoryHandle> {
  return translating(path, async () => {
    let directory = await navigator.storage.getDirectory();
    for (const name of names) {
      const next = await handleIn(directory, name);
      if (next === undefined) throw missing(path);
      if (next.kind === "file") throw mismatch(path, "is below a file, not a directory");
      directory = next;
    }
    return directory;
  });
}

async function handleIn(
  directory: FileSystemDirectoryHandle,
  name: string,
): Promise<FileHandle | FileSystemDirectoryHandle | undefined> {
  try {
    return (await directory.getFileHandle(name)) as FileHandle;
  } catch (error) {
    if (isNamed(error, "TypeMismatchError")) return directory.getDirectoryHandle(name);
    // A name that the browser does not allow can't be there.
    if (isNamed(error, "NotFoundError", "TypeError")) return undefined;
    throw error;
  }
}
