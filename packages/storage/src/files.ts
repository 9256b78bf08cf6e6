import { dirname } from "./path.js";
import type { CallOptions, ReadableFile, Storage, WritableFile } from "./storage.js";

/**
 * Reads a whole file.
 *
 * @throws `NotFoundError` if it does not exist.
 */
export async function readFile(storage: Storage, path: string, options?: CallOptions): Promise<Uint8Array> {
  const file = await storage.open(path, options);
  return closing(file, async () => {
    const bytes = new Uint8Array(file.size);
    await file.readInto(0, [bytes], options);
    return bytes;
  });
}

/** Runs `use`, then closes `file`, also when `use` fails. */
export async function closing<T>(file: ReadableFile | WritableFile, use: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await use();
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
  await file.close();
  return result;
}

/**
 * A file in the making. It is written under a temporary name (unless the storage shows files only once they are
 * whole) and gets its own name, flushed, in {@link FileInProgress.commit}; until then a reader sees what was there.
 */
export interface FileInProgress {
  readonly file: WritableFile;
  /** Flushes, closes and renames the file, then flushes its directory. */
  commit(): Promise<void>;
  /** Closes and removes the temporary file. Never throws. */
  discard(): Promise<void>;
}

/** Starts a {@link FileInProgress}; `suffix` makes the temporary name. */
export async function createAtomically(storage: Storage, path: string, suffix: string): Promise<FileInProgress> {
  const { atomicPut, atomicRename } = storage.capabilities;
  const working = !atomicPut && atomicRename ? path + suffix : path;
  const file = await storage.create(working);
  let open = true;
  const close = async () => {
    if (!open) return;
    open = false;
    await file.close();
  };
  return {
    file,
    async commit() {
      await file.sync();
      await close();
      if (working !== path) await storage.rename(working, path);
      await storage.syncDirectory(dirname(path));
    },
    async discard() {
      await close().catch(() => undefined);
      await storage.remove(working).catch(() => undefined);
    },
  };
}

/**
 * Replaces a file's content in one step: a reader sees the old bytes or the new ones (TensorFlow's
 * `atomic_write_string_to_file`, with its `.tmp` and 32 hexadecimal digits as temporary name).
 */
export async function writeFileAtomically(storage: Storage, path: string, bytes: Uint8Array): Promise<void> {
  const pending = await createAtomically(storage, path, `.tmp${randomHex(32)}`);
  try {
    await pending.file.write([bytes]);
    await pending.commit();
  } catch (error) {
    await pending.discard();
    throw error;
  }
}

function randomHex(digits: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(digits / 2));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Makes a directory and those above it that are missing. */
export async function createDirectories(storage: Storage, path: string): Promise<void> {
  if (path === "" || (await storage.stat(path))?.kind === "directory") return;
  const parent = dirname(path);
  if (parent !== path) await createDirectories(storage, parent);
  await storage.createDirectory(path);
}
