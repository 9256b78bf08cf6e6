/** Describes a file or directory, without opening it. */
export interface FileStat {
  /** `"other"` is what can't be opened as a file: a pipe, a socket, a device. */
  readonly kind: "file" | "directory" | "other";
  /** Size in bytes. */
  readonly size: number;
  /** Time of the last change, in milliseconds since 1970. */
  readonly modifiedMs: number;
}

/** A name in a directory. */
export interface DirectoryEntry {
  readonly name: string;
  /** `"file"` for all that is no directory itself, links and pipes included; {@link Storage.stat} tells more. */
  readonly kind: "file" | "directory";
}

/** Options of a single call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link Storage.create}. */
export interface CreateOptions {
  /**
   * Fail with an `AlreadyExistsError` if the name exists. Of several concurrent calls, one succeeds. Honored only if
   * {@link StorageCapabilities.exclusiveCreate} is true. Default: false.
   */
  readonly exclusive?: boolean | undefined;
}

/** A file that is open for reading, in any order. Reads may overlap in time. */
export interface ReadableFile {
  readonly path: string;
  /** Bytes in the file when it was opened. */
  readonly size: number;
  /**
   * Fills the targets, one after another, with the bytes from `offset` on. Neighboring parts of a file are thus read
   * together, each into its own memory.
   *
   * @throws `OutOfRangeError` if the file ends before the last target is full.
   */
  readInto(offset: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void>;
  close(): Promise<void>;
}

/** A new file that is written from start to end. Calls must not overlap in time. */
export interface WritableFile {
  readonly path: string;
  /**
   * Appends the chunks in order. Their memory may be reused once the promise is settled.
   *
   * @throws `ResourceExhaustedError` if there is no space left.
   */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /** Flushes all that was written, so that it survives a power loss. Does nothing on storages without `fsync`. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Declares what a storage can do, so that nothing has to be guessed from a path. */
export interface StorageCapabilities {
  /** True if {@link Storage.rename} replaces the target in one step: readers see the old file or the new one. */
  readonly atomicRename: boolean;
  /** True if a file appears only when it is closed, complete. Temporary names are not needed then. */
  readonly atomicPut: boolean;
  /** True if {@link WritableFile.sync} and {@link Storage.syncDirectory} have an effect. */
  readonly fsync: boolean;
  /** True if {@link CreateOptions.exclusive} is honored. */
  readonly exclusiveCreate: boolean;
  /** True if a part of a file can be read without reading all of it. */
  readonly rangeReads: boolean;
}

/**
 * Stores bytes by path. Paths are text with `/` between the parts. Each storage decides what a path refers to, but the
 * file `a/b` is always in the directory `a`.
 *
 * Failures are this library's errors, with the path in {@link CheckpointError.path} and in the message: `NotFoundError`
 * (no such file, directory or parent directory), `FailedPreconditionError` (a file instead of a directory or the
 * reverse, a directory that is not empty, or what is neither), `PermissionDeniedError`, `ResourceExhaustedError` (no space
 * left, too many open files), `UnavailableError` (no answer), `UnimplementedError` (a path that belongs to another storage),
 * and `UnknownError` for the rest. Nothing is reported as missing that was not looked for.
 */
export interface Storage {
  readonly capabilities: StorageCapabilities;
  /** Opens a file for reading. */
  open(path: string, options?: CallOptions): Promise<ReadableFile>;
  /** Creates an empty file, or replaces an existing one. Its directory must exist. */
  create(path: string, options?: CreateOptions): Promise<WritableFile>;
  /** Describes a path; `undefined` if nothing is there. */
  stat(path: string): Promise<FileStat | undefined>;
  /** Lists a directory, in no particular order. */
  list(path: string): Promise<DirectoryEntry[]>;
  /** Renames a file, replacing any file of the new name. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file. */
  remove(path: string): Promise<void>;
  /** Creates a directory, whose parent must exist. Does nothing if it exists. */
  createDirectory(path: string): Promise<void>;
  /** Removes an empty directory. */
  removeDirectory(path: string): Promise<void>;
  /** Flushes the names in a directory, so that they survive a power loss. Does nothing on storages without `fsync`. */
  syncDirectory(path: string): Promise<void>;
  /**
   * Returns the one path that stands for all spellings of a path, which need not exist. Equal results mean the same file,
   * and a file `d/m` gives a path in what `d` gives. Left out by storages whose paths are compared as text;
   * `canonicalPath` serves both.
   */
  canonical?(path: string): Promise<string>;
}
