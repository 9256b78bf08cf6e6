import { throwIfAborted, UnimplementedError } from "@tfsaver/core";
import { normalizePath } from "./paths/path.js";
import type {
  CallOptions,
  DirectoryEntry,
  FileStat,
  ReadableFile,
  Storage,
  StorageCapabilities,
  WritableFile,
} from "./storage.js";

/**
 * Base of storages that are only read. Operations that would change something reject with an `UnimplementedError`,
 * except `syncDirectory`, which has nothing to do.
 */
export abstract class ReadOnlyStorage implements Storage {
  readonly capabilities: StorageCapabilities = {
    atomicRename: false,
    atomicPut: false,
    fsync: false,
    exclusiveCreate: false,
    rangeReads: true,
  };

  abstract open(path: string, options?: CallOptions): Promise<ReadableFile>;
  abstract stat(path: string, options?: CallOptions): Promise<FileStat | undefined>;
  abstract list(path: string, options?: CallOptions): Promise<DirectoryEntry[]>;

  /** @throws `UnimplementedError` always. */
  async create(path: string): Promise<WritableFile> {
    throw this.#readOnly(path, "create");
  }

  /** @throws `UnimplementedError` always. */
  async rename(from: string, _to: string): Promise<void> {
    throw this.#readOnly(from, "rename");
  }

  /** @throws `UnimplementedError` always. */
  async remove(path: string): Promise<void> {
    throw this.#readOnly(path, "remove");
  }

  /** @throws `UnimplementedError` always. */
  async createDirectory(path: string): Promise<void> {
    throw this.#readOnly(path, "create a directory at");
  }

  /** @throws `UnimplementedError` always. */
  async removeDirectory(path: string): Promise<void> {
    throw this.#readOnly(path, "remove the directory");
  }

  /** Does nothing. */
  async syncDirectory(_path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
  }

  /** Returns the absolute path without `.` and `..`: relative paths start at the root too. */
  async canonical(path: string): Promise<string> {
    const relative = normalizePath(path).replace(/^\//, "");
    return relative === "." ? "/" : `/${relative}`;
  }

  #readOnly(path: string, action: string): UnimplementedError {
    return new UnimplementedError(`Can't ${action} ${path}: this storage is read-only`, { path });
  }
}
