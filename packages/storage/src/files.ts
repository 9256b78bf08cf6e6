import { isCheckpointError, ResourceExhaustedError } from "@tfsaver/core";
import { dirname, joinPath, withoutTrailingSlashes } from "./paths/path.js";
import type {
  CallOptions,
  CreateOptions,
  GetOptions,
  ReadableFile,
  Storage,
  WholeFile,
  WritableFile,
} from "./storage.js";
import { storageAt } from "./storage-at.js";

/**
 * Reads a whole file.
 *
 * @throws `NotFoundError` if it does not exist.
 */
export async function readFile(storage: Storage, path: string, options?: CallOptions): Promise<Uint8Array> {
  if (storage.get !== undefined) {
    const found = await storage.get(path, options);
    if (found !== undefined) return found.bytes;
  }
  const file = await storage.open(path, options);
  return closing(file, async () => {
    const bytes = new Uint8Array(file.size);
    await file.readInto(0, [bytes], options);
    return bytes;
  });
}

/**
 * Reads a whole file, and gives the name of its state where the storage tells states apart; undefined if it is not there.
 *
 * @throws `ResourceExhaustedError` if it is larger than `maxBytes`; `FailedPreconditionError` if it is a directory.
 */
export async function getFile(
  all: Storage,
  path: string,
  options: GetOptions = {},
): Promise<(Pick<WholeFile, "bytes"> & Partial<WholeFile>) | undefined> {
  const storage = storageAt(all, path);
  if (storage.get !== undefined) return storage.get(path, options);
  const stat = await storage.stat(path);
  if (stat === undefined) return undefined;
  const { maxBytes = Number.POSITIVE_INFINITY } = options;
  if (stat.size > maxBytes && stat.kind === "file") {
    throw new ResourceExhaustedError(`${path} has ${stat.size} bytes, more than ${maxBytes}`, { path });
  }
  try {
    return { bytes: await readFile(storage, path, options) };
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError")) return undefined;
    throw error;
  }
}

/** Runs `use`, then closes `file`. If `use` fails, a new file that would appear by being closed is abandoned instead. */
export async function closing<T>(file: ReadableFile | WritableFile, use: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await use();
  } catch (error) {
    await letGo(file).catch(() => undefined);
    throw error;
  }
  await file.close();
  return result;
}

async function letGo(file: ReadableFile | WritableFile): Promise<void> {
  if ("abandon" in file && file.abandon !== undefined) await file.abandon();
  else await file.close();
}

/**
 * A file that is being written. Readers see it only after {@link FileInProgress.commit}; until then it has a temporary
 * name, unless the storage shows files only when they are complete.
 */
export interface FileInProgress {
  readonly file: WritableFile;
  /** Name of the file until it is committed. */
  readonly workingPath: string;
  /** Flushes and closes the file, for callers that rename it themselves. */
  seal(): Promise<void>;
  /** Flushes, closes and renames the file, then flushes its directory. */
  commit(): Promise<void>;
  /** Closes and removes the temporary file. Never throws. */
  discard(): Promise<void>;
}

/**
 * Starts a {@link FileInProgress}.
 *
 * @param temporaryPath - name until the file is committed, in the folder of `path`. Not used on storages that show a file
 * only when it is complete, or cannot rename.
 */
export async function createAtomically(
  all: Storage,
  path: string,
  temporaryPath: string,
  options?: Pick<CreateOptions, "expectedBytes">,
): Promise<FileInProgress> {
  const storage = storageAt(all, path);
  const { atomicPut, atomicRename } = storage.capabilities;
  const workingPath = !atomicPut && atomicRename ? temporaryPath : path;
  const file = await storage.create(workingPath, options);
  let open = true;
  // What was there before must stay if the new file never appears.
  let appeared = !atomicPut;
  const close = async () => {
    if (!open) return;
    open = false;
    await file.close();
    appeared = true;
  };
  const seal = async () => {
    if (open) await file.sync();
    await close();
  };
  return {
    file,
    workingPath,
    seal,
    async commit() {
      await seal();
      if (workingPath !== path) await storage.rename(workingPath, path);
      await storage.syncDirectory(dirname(path));
    },
    async discard() {
      const isOpen = open;
      open = false;
      if (isOpen) await letGo(file).catch(() => undefined);
      if (appeared && (!isOpen || file.abandon === undefined)) await storage.remove(workingPath).catch(() => undefined);
    },
  };
}

/**
 * Replaces the content of a file in one step: readers see the old bytes or the new ones.
 *
 * @param temporaryPath - name until the file is complete, in the folder of `path`. Default: a random name that starts
 * with `.tmp`
 *
 * @example
 * ```ts
 * import { MemoryStorage, readFile, writeFileAtomically } from "@tfsaver/storage";
 *
 * const storage = new MemoryStorage();
 * await writeFileAtomically(storage, "/notes.txt", new TextEncoder().encode("hello"));
 * console.log((await readFile(storage, "/notes.txt")).length); // 5
 * ```
 */
export async function writeFileAtomically(
  all: Storage,
  path: string,
  bytes: Uint8Array,
  temporaryPath: string = randomPathBeside(path),
): Promise<void> {
  const storage = storageAt(all, path);
  if (storage.put !== undefined) {
    await storage.put(path, bytes);
    return;
  }
  const pending = await createAtomically(storage, path, temporaryPath);
  try {
    await pending.file.write([bytes]);
    await pending.commit();
  } catch (error) {
    await pending.discard();
    throw error;
  }
}

function randomPathBeside(path: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return joinPath(dirname(path), `.tmp${digits}`);
}

/**
 * Creates a directory unless it exists. The name is flushed, because files in the directory would be lost with it. The
 * parent must exist.
 */
export async function createDirectoryIfMissing(all: Storage, path: string): Promise<void> {
  const storage = storageAt(all, path);
  if (storage.capabilities.directories === false || (await storage.stat(path))?.kind === "directory") return;
  await storage.createDirectory(path);
  await storage.syncDirectory(dirname(withoutTrailingSlashes(path)));
}

/** True if files can be created in a directory: it exists, or is only a part of their names. */
export async function takesFiles(all: Storage, directory: string): Promise<boolean> {
  const storage = storageAt(all, directory);
  return storage.capabilities.directories === false || (await storage.stat(directory || "."))?.kind === "directory";
}

/** Creates a directory and its missing parents, as {@link createDirectoryIfMissing} does. */
export async function createDirectories(all: Storage, path: string): Promise<void> {
  const storage = storageAt(all, path);
  if (path === "" || storage.capabilities.directories === false) return;
  if ((await storage.stat(path))?.kind === "directory") return;
  const parent = dirname(path);
  if (parent !== path) await createDirectories(storage, parent);
  await createDirectoryIfMissing(storage, path);
}
