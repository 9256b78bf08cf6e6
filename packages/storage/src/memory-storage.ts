import {
  AlreadyExistsError,
  FailedPreconditionError,
  NotFoundError,
  OutOfRangeError,
  throwIfAborted,
} from "@tfsaver/core";
import { basename, directoriesAbove, dirname, normalizePath } from "./paths/path.js";
import type {
  CallOptions,
  CreateOptions,
  DirectoryEntry,
  FileStat,
  ReadableFile,
  Storage,
  StorageCapabilities,
  WritableFile,
} from "./storage.js";
import { totalLength } from "./total-length.js";

interface MemoryFile {
  /** Last part of the path, as it was given. */
  name: string;
  /** Only appended to, so that an open reader, which knows its size, keeps the bytes it opened. */
  readonly chunks: Uint8Array[];
  size: number;
  modifiedMs: number;
}

interface MemoryDirectory {
  /** Last part of the path, as it was given. */
  readonly name: string;
  readonly modifiedMs: number;
}

/** Options of {@link MemoryStorage}. */
export interface MemoryStorageOptions {
  /** Returns the time for new and changed files, in milliseconds since 1970. Default: the system clock. */
  readonly now?: () => number;
  /** Take names that differ only in case as one, as many file systems do. Default: false. */
  readonly ignoreCase?: boolean;
}

/**
 * Stores files in the memory of this process. The root directories (`/`, and `.` for relative paths) always exist.
 *
 * @example
 * ```ts
 * import { MemoryStorage, readFile, writeFileAtomically } from "@tfsaver/storage";
 *
 * const storage = new MemoryStorage();
 * await writeFileAtomically(storage, "/a", Uint8Array.of(1, 2, 3));
 * console.log(await readFile(storage, "/a"));
 * ```
 */
export class MemoryStorage implements Storage {
  readonly capabilities: StorageCapabilities = {
    atomicRename: true,
    atomicPut: false,
    fsync: false,
    exclusiveCreate: true,
    rangeReads: true,
  };
  readonly #files = new Map<string, MemoryFile>();
  readonly #directories = new Map<string, MemoryDirectory>();
  readonly #now: () => number;
  readonly #ignoreCase: boolean;

  constructor(options: MemoryStorageOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.#ignoreCase = options.ignoreCase ?? false;
    for (const root of ["/", "."]) this.#directories.set(root, { name: "", modifiedMs: this.#now() });
  }

  async open(path: string, options?: CallOptions): Promise<ReadableFile> {
    throwIfAborted(options?.signal);
    const file = this.#files.get(this.#requireFile(path)) as MemoryFile;
    return new MemoryReader(path, file.chunks, file.size);
  }

  async create(path: string, options?: CreateOptions): Promise<WritableFile> {
    throwIfAborted(options?.signal);
    const key = this.#keyOf(path);
    this.#requireParent(path, key);
    if (options?.exclusive && (this.#files.has(key) || this.#directories.has(key))) {
      throw new AlreadyExistsError(`${path}; File exists`, { path });
    }
    if (this.#directories.has(key)) throw new FailedPreconditionError(`${path} is a directory`, { path });
    const name = this.#files.get(key)?.name ?? nameIn(path);
    const file: MemoryFile = { name, chunks: [], size: 0, modifiedMs: this.#now() };
    this.#files.set(key, file);
    return {
      path,
      write: async (chunks) => {
        for (const chunk of chunks) {
          file.chunks.push(chunk.slice());
          file.size += chunk.length;
        }
        file.modifiedMs = this.#now();
      },
      sync: async () => undefined,
      close: async () => undefined,
    };
  }

  async stat(path: string, options?: CallOptions): Promise<FileStat | undefined> {
    throwIfAborted(options?.signal);
    const key = this.#keyOf(path);
    const file = this.#files.get(key);
    // A path that ends in `/` can only be a directory.
    if (file !== undefined && !path.endsWith("/")) {
      return { kind: "file", size: file.size, modifiedMs: file.modifiedMs };
    }
    const directory = this.#directories.get(key);
    return directory && { kind: "directory", size: 0, modifiedMs: directory.modifiedMs };
  }

  async list(path: string, options?: CallOptions): Promise<DirectoryEntry[]> {
    throwIfAborted(options?.signal);
    const key = this.#keyOf(path);
    if (this.#files.has(key)) throw new FailedPreconditionError(`${path} is not a directory`, { path });
    if (!this.#directories.has(key)) throw this.#missing(path, key);
    const prefix = key === "/" ? "/" : key === "." ? "" : `${key}/`;
    const entries: DirectoryEntry[] = [];
    const isIn = (candidate: string) => candidate.startsWith(prefix) && isName(candidate.slice(prefix.length));
    for (const [candidate, { name }] of this.#files) if (isIn(candidate)) entries.push({ name, kind: "file" });
    for (const [candidate, { name }] of this.#directories)
      if (isIn(candidate)) entries.push({ name, kind: "directory" });
    return entries;
  }

  async rename(from: string, to: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const source = this.#requireFile(from);
    const file = this.#files.get(source) as MemoryFile;
    const target = this.#keyOf(to);
    this.#requireParent(to, target);
    if (this.#directories.has(target)) throw new FailedPreconditionError(`${to} is a directory`, { path: to });
    this.#files.delete(source);
    this.#files.set(target, file);
    file.name = nameIn(to);
  }

  async remove(path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    this.#files.delete(this.#requireFile(path));
  }

  async createDirectory(path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const key = this.#keyOf(path);
    if (this.#files.has(key)) throw new FailedPreconditionError(`${path} is a file`, { path });
    this.#requireParent(path, key);
    if (!this.#directories.has(key)) this.#directories.set(key, { name: nameIn(path), modifiedMs: this.#now() });
  }

  async removeDirectory(path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const key = this.#keyOf(path);
    if (this.#files.has(key)) throw new FailedPreconditionError(`${path} is not a directory`, { path });
    if ((await this.list(path)).length > 0) throw new FailedPreconditionError(`${path} is not empty`, { path });
    this.#directories.delete(key);
  }

  async syncDirectory(_path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
  }

  /** Returns the path without `.` and `..`, in lower case if the storage ignores case. Relative and absolute paths differ. */
  async canonical(path: string): Promise<string> {
    return this.#keyOf(path);
  }

  #keyOf(path: string): string {
    const normalized = normalizePath(path);
    return this.#ignoreCase ? normalized.toLowerCase() : normalized;
  }

  /** Returns the key of an existing file. */
  #requireFile(path: string): string {
    const key = this.#keyOf(path);
    if (this.#directories.has(key)) throw new FailedPreconditionError(`${path} is a directory`, { path });
    if (!this.#files.has(key)) throw this.#missing(path, key);
    if (path.endsWith("/")) throw new FailedPreconditionError(`${path}; Not a directory`, { path });
    return key;
  }

  #requireParent(path: string, key: string): void {
    if (!this.#directories.has(parentOf(key))) throw this.#missing(path, key);
  }

  /** Makes the error for a missing path. Its kind depends on whether one of the parents is a file. */
  #missing(path: string, key: string): NotFoundError | FailedPreconditionError {
    for (const parent of directoriesAbove(key)) {
      if (this.#files.has(parent)) return new FailedPreconditionError(`${path}; Not a directory`, { path });
      if (!this.#directories.has(parent)) break;
    }
    return new NotFoundError(`${path}; No such file or directory`, { path });
  }
}

function parentOf(key: string): string {
  return dirname(key) || ".";
}

function nameIn(path: string): string {
  return basename(normalizePath(path));
}

function isName(rest: string): boolean {
  return rest !== "" && rest !== "." && !rest.includes("/");
}

class MemoryReader implements ReadableFile {
  constructor(
    readonly path: string,
    private readonly chunks: readonly Uint8Array[],
    readonly size: number,
  ) {}

  async readInto(offset: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    if (offset + totalLength(targets) > this.size) {
      throw new OutOfRangeError(`${this.path}: Read less bytes than requested`, { path: this.path, offset });
    }
    let at = offset;
    for (const target of targets) {
      this.#fill(at, target);
      at += target.length;
    }
  }

  #fill(offset: number, target: Uint8Array): void {
    let start = 0;
    let filled = 0;
    for (const chunk of this.chunks) {
      if (filled === target.length) return;
      const from = Math.max(0, offset + filled - start);
      if (from < chunk.length) {
        const part = chunk.subarray(from, from + target.length - filled);
        target.set(part, filled);
        filled += part.length;
      }
      start += chunk.length;
    }
  }

  async close(): Promise<void> {}
}
