import {
  AbortedError,
  AlreadyExistsError,
  FailedPreconditionError,
  NotFoundError,
  ResourceExhaustedError,
  throwIfAborted,
} from "@tfsaver/core";
import { concatBytes } from "@tfsaver/core/coding";
import {
  type CallOptions,
  type CreateOptions,
  type DirectoryEntry,
  dirname,
  type FileStat,
  type GetOptions,
  type ListOptions,
  normalizePath,
  type PutOptions,
  type ReadableFile,
  type RemoveOptions,
  readableBytes,
  type Storage,
  type StorageCapabilities,
  type UnfinishedFile,
  type UnfinishedFiles,
  type WholeFile,
  type WritableFile,
} from "@tfsaver/storage";

interface StoredObject {
  readonly bytes: Uint8Array;
  readonly version: string;
  readonly modifiedMs: number;
  /** Ticket of the upload that it was. */
  readonly mark?: string;
}

/** An upload in parts that was begun. */
interface Upload {
  readonly path: string;
  readonly chunks: Uint8Array[];
  readonly startedMs: number;
}

/** What an object store holds: one bucket. */
interface Bucket {
  readonly objects: Map<string, StoredObject>;
  readonly uploads: Map<string, Upload>;
}

/** Options of {@link MemoryObjectStorage}. */
export interface MemoryObjectStorageOptions {
  /** Returns the time for new files, in milliseconds since 1970. Default: the system clock. */
  readonly now?: () => number;
  /**
   * False for a store that ignores conditions of writes, as some do: it has not the capability `exclusiveCreate`. Default: true.
   */
  readonly conditionalWrites?: boolean;
}

/**
 * Stores files in memory as an object store does: a file appears when it is closed, nothing is renamed in one step, directories
 * are only parts of names, a whole file is written on conditions, and a file that was not closed waits for whoever finishes it.
 *
 * @example
 * ```ts
 * import { MemoryObjectStorage } from "@tfsaver/testing";
 *
 * const storage = new MemoryObjectStorage();
 * const version = await storage.put("run/notes", new TextEncoder().encode("hello"));
 * await storage.put("run/notes", new TextEncoder().encode("hello again"), { ifVersion: version });
 * ```
 */
export class MemoryObjectStorage implements Storage {
  readonly capabilities: StorageCapabilities;
  readonly #bucket: Bucket = { objects: new Map(), uploads: new Map() };
  readonly #now: () => number;
  #lastNumber = 0;

  constructor(options: MemoryObjectStorageOptions = {}) {
    const { now = Date.now, conditionalWrites = true } = options;
    this.#now = now;
    this.capabilities = {
      ...{ atomicRename: false, atomicPut: true, fsync: false, rangeReads: true, directories: false },
      exclusiveCreate: conditionalWrites,
    };
  }

  readonly unfinished: UnfinishedFiles = {
    list: async (directory, options) => {
      throwIfAborted(options?.signal);
      const files: UnfinishedFile[] = [];
      for (const [ticket, { path, startedMs }] of this.#bucket.uploads) {
        if (parentOf(keyOf(path)) === keyOf(directory)) files.push({ path, ticket, startedMs });
      }
      return files;
    },
    finish: async (path, { ticket }, options) => {
      throwIfAborted(options?.signal);
      this.#complete(path, ticket);
    },
    stateOf: async (path, { ticket, mark }, options) => {
      throwIfAborted(options?.signal);
      if (this.#uploadOf(path, ticket) !== undefined) return "waiting";
      return this.#bucket.objects.get(keyOf(path))?.mark === mark ? "finished" : "gone";
    },
    abandon: async (path, ticket, options) => {
      throwIfAborted(options?.signal);
      this.#requireUpload(path, ticket);
      this.#bucket.uploads.delete(ticket);
    },
  };

  /**
   * Returns what another process finds if this one is killed now.
   *
   * @param options - where they differ from those of this storage
   */
  afterKill(options: MemoryObjectStorageOptions = {}): MemoryObjectStorage {
    const copy = new MemoryObjectStorage({ conditionalWrites: this.capabilities.exclusiveCreate, ...options });
    const modifiedMs = options.now?.();
    for (const [key, object] of this.#bucket.objects) {
      copy.#bucket.objects.set(key, { ...object, modifiedMs: modifiedMs ?? object.modifiedMs });
    }
    for (const [ticket, { chunks, ...upload }] of this.#bucket.uploads)
      copy.#bucket.uploads.set(ticket, { ...upload, chunks: [...chunks] });
    copy.#lastNumber = this.#lastNumber;
    return copy;
  }

  async open(path: string, options?: CallOptions): Promise<ReadableFile> {
    throwIfAborted(options?.signal);
    const { bytes } = this.#requireObject(path);
    return readableBytes(path, bytes);
  }

  async create(path: string, options?: CreateOptions): Promise<WritableFile> {
    throwIfAborted(options?.signal);
    const exclusive = options?.exclusive ?? false;
    if (exclusive) this.#requireAbsent(path);
    const upload: Upload = { path, chunks: [], startedMs: this.#now() };
    const ticket = `upload-${++this.#lastNumber}`;
    this.#bucket.uploads.set(ticket, upload);
    let isOpen = true;
    return {
      path,
      write: async (chunks) => {
        for (const chunk of chunks) upload.chunks.push(chunk.slice());
      },
      sync: async () => undefined,
      close: async () => {
        if (!isOpen) return;
        isOpen = false;
        if (exclusive) {
          try {
            this.#requireAbsent(path);
          } catch (error) {
            this.#bucket.uploads.delete(ticket);
            throw error;
          }
        }
        this.#complete(path, ticket);
      },
      abandon: async () => {
        isOpen = false;
        this.#bucket.uploads.delete(ticket);
      },
      prepare: async () => ({ ticket, mark: ticket }),
    };
  }

  async get(path: string, options?: GetOptions): Promise<WholeFile | undefined> {
    throwIfAborted(options?.signal);
    const object = this.#bucket.objects.get(keyOf(path));
    if (object === undefined) return undefined;
    const { bytes, version } = object;
    if (bytes.length > (options?.maxBytes ?? Number.POSITIVE_INFINITY))
      throw new ResourceExhaustedError(`${path} has ${bytes.length} bytes, more than ${options?.maxBytes}`, { path });
    return { bytes: bytes.slice(), version };
  }

  async put(path: string, bytes: Uint8Array, options?: PutOptions): Promise<string> {
    throwIfAborted(options?.signal);
    if (options?.exclusive) this.#requireAbsent(path);
    const known = this.#bucket.objects.get(keyOf(path))?.version;
    if (options?.ifVersion !== undefined && options.ifVersion !== known) throw changed(path);
    return this.#store(path, bytes.slice());
  }

  async stat(path: string, options?: CallOptions): Promise<FileStat | undefined> {
    throwIfAborted(options?.signal);
    const object = path.endsWith("/") ? undefined : this.#bucket.objects.get(keyOf(path));
    if (object !== undefined) return { kind: "file", size: object.bytes.length, modifiedMs: object.modifiedMs };
    return this.#isDirectory(path) ? { kind: "directory", size: 0, modifiedMs: 0 } : undefined;
  }

  async list(path: string, { startsWith = "", signal }: ListOptions = {}): Promise<DirectoryEntry[]> {
    throwIfAborted(signal);
    if (!this.#isDirectory(path)) throw missing(path);
    const start = startOf(path);
    const entries = new Map<string, DirectoryEntry>();
    for (const key of this.#bucket.objects.keys()) {
      if (!key.startsWith(start + startsWith)) continue;
      const [name = "", ...below] = key.slice(start.length).split("/");
      const kind = below.length === 0 ? "file" : "directory";
      entries.set(`${name}/${kind}`, { name, kind });
    }
    return [...entries.values()];
  }

  /** Copies and removes, in two steps. */
  async rename(from: string, to: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const { bytes } = this.#requireObject(from);
    this.#store(to, bytes);
    if (keyOf(from) !== keyOf(to)) this.#bucket.objects.delete(keyOf(from));
  }

  async remove(path: string, options?: RemoveOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const { version } = this.#requireObject(path);
    if (options?.ifVersion !== undefined && options.ifVersion !== version) throw changed(path);
    this.#bucket.objects.delete(keyOf(path));
  }

  async createDirectory(_path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
  }

  async removeDirectory(path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    if (this.#isDirectory(path) && keyOf(path) !== keyOf("/"))
      throw new FailedPreconditionError(`${path} is not empty`, { path });
  }

  async syncDirectory(_path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
  }

  #store(path: string, bytes: Uint8Array, mark?: string): string {
    const version = `version-${++this.#lastNumber}`;
    this.#bucket.objects.set(keyOf(path), { bytes, version, modifiedMs: this.#now(), ...(mark && { mark }) });
    return version;
  }

  #complete(path: string, ticket: string): void {
    const { chunks } = this.#requireUpload(path, ticket);
    this.#bucket.uploads.delete(ticket);
    this.#store(path, concatBytes(chunks), ticket);
  }

  #requireObject(path: string): StoredObject {
    const object = path.endsWith("/") ? undefined : this.#bucket.objects.get(keyOf(path));
    if (object !== undefined) return object;
    if (this.#isDirectory(path)) throw new FailedPreconditionError(`${path} is a directory`, { path });
    throw missing(path);
  }

  #uploadOf(path: string, ticket: string): Upload | undefined {
    const upload = this.#bucket.uploads.get(ticket);
    return upload !== undefined && keyOf(upload.path) === keyOf(path) ? upload : undefined;
  }

  #requireUpload(path: string, ticket: string): Upload {
    const upload = this.#uploadOf(path, ticket);
    if (upload === undefined) throw missing(path);
    return upload;
  }

  #requireAbsent(path: string): void {
    if (this.#bucket.objects.has(keyOf(path))) throw new AlreadyExistsError(`${path}; File exists`, { path });
  }

  /** The root is always there. */
  #isDirectory(path: string): boolean {
    const start = startOf(path);
    if (start === "") return true;
    for (const key of this.#bucket.objects.keys()) if (key.startsWith(start)) return true;
    return false;
  }
}

/** Relative and absolute paths are the same. */
function keyOf(path: string): string {
  const key = normalizePath(path).replace(/^\//, "");
  return key === "." ? "" : key;
}

function parentOf(key: string): string {
  return keyOf(dirname(key) || ".");
}

function startOf(directory: string): string {
  const key = keyOf(directory);
  return key === "" ? "" : `${key}/`;
}

function changed(path: string): AbortedError {
  return new AbortedError(`${path} was changed or removed meanwhile`, { path });
}

function missing(path: string): NotFoundError {
  return new NotFoundError(`${path}; No such file or directory`, { path });
}
