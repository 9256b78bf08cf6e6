import type { FileHandle } from "node:fs/promises";
import { mkdir, open, readdir, rename, rmdir, stat, unlink } from "node:fs/promises";
import {
  AlreadyExistsError,
  CheckpointError,
  FailedPreconditionError,
  NotFoundError,
  OutOfRangeError,
  PermissionDeniedError,
  ResourceExhaustedError,
  throwIfAborted,
  UnknownError,
} from "@tfsaver/core";
import type {
  CallOptions,
  CreateOptions,
  DirectoryEntry,
  FileStat,
  ReadableFile,
  Storage,
  StorageCapabilities,
  WritableFile,
} from "../storage.js";
import { totalLength } from "../total-length.js";

/** Options of {@link NodeStorage}. */
export interface NodeStorageOptions {
  /** Flush files and directories to the disk before a write counts as done. Default: true. */
  readonly fsync?: boolean;
}

/** Maximum number of bytes in one system read: below the limit of 2 GiB that Linux and Node.js have. */
const MAX_READ = 1 << 30;
/** Maximum number of chunks in one system read or write (`IOV_MAX`). */
const MAX_CHUNKS = 1024;
/** System error codes for "no such file". A name that is too long cannot exist either. */
const NOTHING_THERE: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG"]);

/**
 * Stores files in the local file system, through Node.js. Relative paths start at the working directory.
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { NodeStorage } from "@tfsaver/storage/node";
 *
 * const reader = await openCheckpoint("run/model.ckpt-7", { storage: new NodeStorage({ fsync: false }) });
 * ```
 */
export class NodeStorage implements Storage {
  readonly capabilities: StorageCapabilities;

  constructor(options: NodeStorageOptions = {}) {
    this.capabilities = {
      atomicRename: true,
      atomicPut: false,
      fsync: options.fsync ?? true,
      exclusiveCreate: true,
      rangeReads: true,
    };
  }

  async open(path: string, options?: CallOptions): Promise<ReadableFile> {
    throwIfAborted(options?.signal);
    return translating(path, async () => {
      const handle = await open(path, "r").catch((cause: unknown) => {
        // For reading, a name that is too long is a missing file; for writing, it is an error.
        const isTooLong = isSystemError(cause) && cause.code === "ENAMETOOLONG";
        throw isTooLong ? new NotFoundError(`${path}; File name too long`, { path, cause }) : cause;
      });
      try {
        const info = await handle.stat();
        if (info.isDirectory()) throw new FailedPreconditionError(`${path} is a directory`, { path });
        return new NodeReader(path, info.size, handle);
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  async create(path: string, options?: CreateOptions): Promise<WritableFile> {
    const handle = await translating(path, () => open(path, options?.exclusive ? "wx" : "w"));
    return new NodeWriter(path, handle, this.capabilities.fsync);
  }

  async stat(path: string): Promise<FileStat | undefined> {
    try {
      const info = await stat(path === "" ? "." : path);
      return { kind: info.isDirectory() ? "directory" : "file", size: info.size, modifiedMs: info.mtimeMs };
    } catch (error) {
      if (isSystemError(error) && NOTHING_THERE.has(error.code)) return undefined;
      throw translate(error, path);
    }
  }

  async list(path: string): Promise<DirectoryEntry[]> {
    const entries = await translating(path, () => readdir(path === "" ? "." : path, { withFileTypes: true }));
    return entries.map((entry) => ({ name: entry.name, kind: entry.isDirectory() ? "directory" : "file" }));
  }

  async rename(from: string, to: string): Promise<void> {
    await translating(from, () => rename(from, to));
  }

  async remove(path: string): Promise<void> {
    await translating(path, () => unlink(path));
  }

  async createDirectory(path: string): Promise<void> {
    try {
      await mkdir(path);
    } catch (error) {
      if (!isSystemError(error) || error.code !== "EEXIST") throw translate(error, path);
      if ((await this.stat(path))?.kind === "directory") return;
      throw new FailedPreconditionError(`${path}; File exists`, { path, cause: error });
    }
  }

  async removeDirectory(path: string): Promise<void> {
    await translating(path, () => rmdir(path));
  }

  async syncDirectory(path: string): Promise<void> {
    if (!this.capabilities.fsync || process.platform === "win32") return;
    await translating(path, async () => {
      const handle = await open(path === "" ? "." : path, "r");
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
  }
}

class NodeReader implements ReadableFile {
  constructor(
    readonly path: string,
    readonly size: number,
    private readonly handle: FileHandle,
  ) {}

  async readInto(offset: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void> {
    await translating(this.path, async () => {
      let at = offset;
      for (let rest = withoutEmpty(targets); rest.length > 0; ) {
        throwIfAborted(options?.signal);
        const { bytesRead } = await this.handle.readv(atMost(rest, MAX_READ), at);
        if (bytesRead === 0) {
          throw new OutOfRangeError(
            `${this.path}: Read less bytes than requested: the file is ${totalLength(rest)} bytes too short`,
            { path: this.path, offset: at },
          );
        }
        at += bytesRead;
        rest = dropBytes(rest, bytesRead);
      }
    });
  }

  close(): Promise<void> {
    return translating(this.path, () => this.handle.close());
  }
}

class NodeWriter implements WritableFile {
  constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private readonly fsync: boolean,
  ) {}

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    await translating(this.path, async () => {
      for (let rest = withoutEmpty(chunks); rest.length > 0; ) {
        const { bytesWritten } = await this.handle.writev(rest.slice(0, MAX_CHUNKS));
        rest = dropBytes(rest, bytesWritten);
      }
    });
  }

  async sync(): Promise<void> {
    if (this.fsync) await translating(this.path, () => this.handle.sync());
  }

  close(): Promise<void> {
    return translating(this.path, () => this.handle.close());
  }
}

function withoutEmpty(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  return chunks.filter((chunk) => chunk.length > 0);
}

/** Returns the first chunks, as many as the system takes at once and at most `limit` bytes. */
function atMost(chunks: readonly Uint8Array[], limit: number): Uint8Array[] {
  const taken: Uint8Array[] = [];
  let room = limit;
  for (const chunk of chunks.slice(0, MAX_CHUNKS)) {
    if (room === 0) break;
    taken.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    room -= Math.min(room, chunk.length);
  }
  return taken;
}

/** Returns the chunks without their first `count` bytes. */
function dropBytes(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  let rest = count;
  let index = 0;
  while (index < chunks.length && rest >= (chunks[index] as Uint8Array).length) {
    rest -= (chunks[index++] as Uint8Array).length;
  }
  const [first, ...others] = chunks.slice(index);
  return first === undefined ? [] : [first.subarray(rest), ...others];
}

async function translating<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw translate(error, path);
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error;
}

/** Translates an error of the operating system to this library's, with TensorFlow's wording. */
function translate(error: unknown, path: string): unknown {
  if (error instanceof CheckpointError || !isSystemError(error)) return error;
  const context = { path, cause: error };
  switch (error.code) {
    case "ENOENT":
      return new NotFoundError(`${path}; No such file or directory`, context);
    case "ENOTDIR":
      return new FailedPreconditionError(`${path}; Not a directory`, context);
    case "EISDIR":
      return new FailedPreconditionError(`${path}; Is a directory`, context);
    case "EEXIST":
      return new AlreadyExistsError(`${path}; File exists`, context);
    case "ENOTEMPTY":
      return new FailedPreconditionError(`${path}; Directory not empty`, context);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new PermissionDeniedError(`${path}; Permission denied`, context);
    case "ENOSPC":
    case "EDQUOT":
      return new ResourceExhaustedError(`${path}; No space left on device`, context);
    case "EMFILE":
    case "ENFILE":
      return new ResourceExhaustedError(`${path}; Too many open files`, context);
    default:
      return new UnknownError(`${path}; ${error.message}`, context);
  }
}
