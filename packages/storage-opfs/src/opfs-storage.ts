import { AlreadyExistsError, isCheckpointError, throwIfAborted } from "@tfsaver/core";
import type {
  CallOptions,
  CreateOptions,
  DirectoryEntry,
  FileStat,
  ReadableFile,
  Storage,
  StorageCapabilities,
  WritableFile,
} from "@tfsaver/storage";
import { alone, directoryAt, fileAt, find, placeOf } from "./entries.js";
import { openReader } from "./opfs-reader.js";
import { disown, isAbandoned, own } from "./owned-files.js";
import { canonicalPath, isBrowsersOwn, partsOf } from "./paths.js";
import { requirePlatform, writesInPlace } from "./platform.js";
import { mismatch, translating } from "./platform-errors.js";
import { openWriter } from "./writers.js";

/** The browser tells no times of directories. */
const DIRECTORY: FileStat = { kind: "directory", size: 0, modifiedMs: 0 };

/**
 * Stores files in the private file system of the page's origin (`navigator.storage.getDirectory`), which all pages and workers of
 * the origin share. Relative and absolute paths mean the same: both start at its root.
 *
 * In a dedicated worker, content is flushed before a save counts as done; elsewhere the browser can't be told to. A file that
 * is open for reading can't be read any more once it is replaced, renamed or removed: reads fail with an `AbortedError` then. Files
 * of up to 64 KiB are read when they are opened.
 *
 * @throws `UnimplementedError` from the constructor where the page is not secure or the browser lacks a function, and from every
 * method for a path with a `scheme://`; `ResourceExhaustedError` if the browser grants no more space; `UnavailableError` if
 * a file stays open for writing elsewhere; `PermissionDeniedError` if storage is blocked; `InvalidArgumentError` for a
 * name that the browser does not allow.
 *
 * @example
 * ```ts
 * import { Saver } from "@tfsaver/saver";
 * import { OpfsStorage } from "@tfsaver/storage-opfs";
 *
 * export function makeSaver(): Saver {
 *   return new Saver({ storage: new OpfsStorage(), maxToKeep: 2 });
 * }
 * ```
 */
export class OpfsStorage implements Storage {
  readonly capabilities: StorageCapabilities;

  constructor() {
    requirePlatform();
    this.capabilities = {
      atomicRename: true,
      atomicPut: false,
      fsync: writesInPlace(),
      exclusiveCreate: true,
      rangeReads: true,
    };
  }

  open(path: string, options?: CallOptions): Promise<ReadableFile> {
    return openReader(path, options);
  }

  async create(path: string, options?: CreateOptions): Promise<WritableFile> {
    throwIfAborted(options?.signal);
    if (!options?.exclusive) return createFile(path);
    return alone(path, async () => {
      if ((await find(path)) !== undefined) throw new AlreadyExistsError(`${path}; File exists`, { path });
      await own(path);
      try {
        return await createFile(path);
      } catch (error) {
        disown(path);
        throw error;
      }
    });
  }

  async stat(path: string, options?: CallOptions): Promise<FileStat | undefined> {
    throwIfAborted(options?.signal);
    try {
      const found = await find(path);
      if (found?.kind !== "file") return found && DIRECTORY;
      const { size, lastModified } = await translating(path, () => found.getFile());
      return { kind: "file", size, modifiedMs: lastModified };
    } catch (error) {
      if (isCheckpointError(error, "NotFoundError", "FailedPreconditionError", "InvalidArgumentError"))
        return undefined;
      throw error;
    }
  }

  async list(path: string, options?: CallOptions): Promise<DirectoryEntry[]> {
    throwIfAborted(options?.signal);
    const directory = await directoryAt(path);
    const handles = await translating(path, () => handlesIn(directory));
    return handles.flatMap(({ name, kind }) => (isBrowsersOwn(name) ? [] : [{ name, kind }]));
  }

  async rename(from: string, to: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const file = await fileAt(from);
    const { directory, name } = await placeOf(to);
    if ((await find(to))?.kind === "directory") throw mismatch(to, "is a directory");
    if (canonicalPath(from) === canonicalPath(to)) return;
    await translating(from, () => file.move(directory, name));
    disown(from);
  }

  async remove(path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    // The browser would remove an empty directory too.
    await fileAt(path);
    const { directory, name } = await placeOf(path);
    await translating(path, () => directory.removeEntry(name));
    disown(path);
  }

  async createDirectory(path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const found = await find(path);
    if (found?.kind === "file") throw mismatch(path, "is a file");
    if (found !== undefined) return;
    const { directory, name } = await placeOf(path);
    await translating(path, () => directory.getDirectoryHandle(name, { create: true }));
  }

  async removeDirectory(path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const removed = await directoryAt(path);
    const names = (await translating(path, () => handlesIn(removed))).map(({ name }) => name);
    if (!names.every(isBrowsersOwn)) throw mismatch(path, "is not empty");
    const { directory, name } = await placeOf(path);
    await translating(path, async () => {
      // What a browser left that was killed.
      for (const left of names) await removed.removeEntry(left);
      await directory.removeEntry(name);
    });
  }

  /** Does nothing: a browser can't be told to flush names. */
  async syncDirectory(_path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
  }

  /** True if the page or worker that created the file exclusively has ended. */
  async isAbandoned(path: string): Promise<boolean> {
    return (await find(path)) !== undefined && isAbandoned(path);
  }

  /** Returns the absolute path without `.`, `..` and doubled `/`. */
  async canonical(path: string): Promise<string> {
    partsOf(path);
    return canonicalPath(path);
  }
}

async function createFile(path: string): Promise<WritableFile> {
  const found = await find(path);
  if (found?.kind === "directory") throw mismatch(path, "is a directory");
  const { directory, name } = await placeOf(path);
  const file = await translating(path, () => directory.getFileHandle(name, { create: true }));
  return openWriter(path, file);
}

async function handlesIn(directory: FileSystemDirectoryHandle): Promise<FileSystemHandle[]> {
  const handles: FileSystemHandle[] = [];
  for await (const handle of directory.values()) handles.push(handle);
  return handles;
}
