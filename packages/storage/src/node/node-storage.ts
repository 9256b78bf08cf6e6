import type { Stats } from "node:fs";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { mkdir, open, readdir, rename, rmdir, stat, unlink } from "node:fs/promises";
import { FailedPreconditionError, NotFoundError, throwIfAborted } from "@tfsaver/core";
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
import { canonicalLocalPath } from "./canonical-local-path.js";
import { localPath } from "./local-path.js";
import { NodeReader, NodeWriter } from "./node-files.js";
import { codeOf, notRegular, translate, translating } from "./system-error.js";

/** Options of {@link NodeStorage}. */
export interface NodeStorageOptions {
  /** Flush files and directories to the disk before a write counts as done. Default: true. */
  readonly fsync?: boolean;
}

/** System error codes for "no such file". A name that is too long cannot exist either. */
const NOTHING_THERE: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG"]);

const { O_CREAT, O_EXCL, O_RDONLY, O_TRUNC, O_WRONLY } = constants;
/** Opens a pipe without waiting for its other end. Windows has no such flag. */
const O_NONBLOCK = constants.O_NONBLOCK ?? 0;

/**
 * Stores files in the local file system, through Node.js. Relative paths start at the working directory. A `file://` URL
 * is the path after its host, as in TensorFlow: nothing is decoded. Only regular files are opened.
 *
 * @throws `UnimplementedError` from every method for another `scheme://`; `InvalidArgumentError` for a path with a NUL
 * character; `FailedPreconditionError` from `open` and `create` for a pipe, socket or device.
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
    const local = localPath(path);
    return translating(path, async () => {
      const handle = await open(local, O_RDONLY | O_NONBLOCK).catch((cause: unknown) => {
        // For reading, a name that is too long is a missing file; for writing, it is an error.
        const isTooLong = codeOf(cause) === "ENAMETOOLONG";
        throw isTooLong ? new NotFoundError(`${path}; File name too long`, { path, cause }) : cause;
      });
      const { size } = await statOfRegularFile(path, handle);
      return new NodeReader(path, size, handle);
    });
  }

  async create(path: string, options?: CreateOptions): Promise<WritableFile> {
    throwIfAborted(options?.signal);
    const local = localPath(path);
    const flags = O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | (options?.exclusive ? O_EXCL : 0);
    return translating(path, async () => {
      const handle = await open(local, flags);
      await statOfRegularFile(path, handle);
      return new NodeWriter(path, handle, this.capabilities.fsync);
    });
  }

  async stat(path: string, options?: CallOptions): Promise<FileStat | undefined> {
    throwIfAborted(options?.signal);
    const local = localPath(path);
    try {
      const info = await stat(local || ".");
      return { kind: kindOf(info), size: info.size, modifiedMs: info.mtimeMs };
    } catch (error) {
      if (NOTHING_THERE.has(codeOf(error))) return undefined;
      throw translate(error, path);
    }
  }

  async list(path: string, options?: CallOptions): Promise<DirectoryEntry[]> {
    throwIfAborted(options?.signal);
    const local = localPath(path);
    const entries = await translating(path, () => readdir(local || ".", { withFileTypes: true }));
    return entries.map((entry) => ({ name: entry.name, kind: entry.isDirectory() ? "directory" : "file" }));
  }

  async rename(from: string, to: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const [local, target] = [localPath(from), localPath(to)];
    await translating(from, () => rename(local, target));
  }

  async remove(path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const local = localPath(path);
    await translating(path, () => unlink(local));
  }

  async createDirectory(path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const local = localPath(path);
    try {
      await mkdir(local);
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw translate(error, path);
      if ((await this.stat(path))?.kind === "directory") return;
      throw new FailedPreconditionError(`${path}; File exists`, { path, cause: error });
    }
  }

  async removeDirectory(path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const local = localPath(path);
    await translating(path, () => rmdir(local));
  }

  async syncDirectory(path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const local = localPath(path);
    if (!this.capabilities.fsync || process.platform === "win32") return;
    await translating(path, async () => {
      const handle = await open(local || ".", "r");
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
  }

  /**
   * Returns the absolute path without links, `.` and `..`. Names in folders that ignore case are in lower case.
   *
   * @throws `PermissionDeniedError` if a folder on the way can't be searched.
   */
  async canonical(path: string): Promise<string> {
    const local = localPath(path);
    return translating(path, () => canonicalLocalPath(local));
  }
}

/** @throws `FailedPreconditionError` if it is no regular file; the handle is closed then. */
async function statOfRegularFile(path: string, handle: FileHandle): Promise<Stats> {
  try {
    const info = await handle.stat();
    const kind = kindOf(info);
    if (kind === "directory") throw new FailedPreconditionError(`${path} is a directory`, { path });
    if (kind === "other") throw notRegular(path);
    return info;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function kindOf(info: Stats): FileStat["kind"] {
  if (info.isDirectory()) return "directory";
  return info.isFile() ? "file" : "other";
}
