/** What is known of a file without opening it. */
export interface FileStat {
  readonly kind: "file" | "directory";
  /** Bytes. */
  readonly size: number;
  /** Time of the last change, in milliseconds since 1970. */
  readonly modifiedMs: number;
}

/** A name in a directory. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: "file" | "directory";
}

/** Options of a single call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link Storage.create}. */
export interface CreateOptions {
  /**
   * Fail with an `AlreadyExistsError` if anything has the name already; of several who try at once, one succeeds. Only
   * where {@link StorageCapabilities.exclusiveCreate} says so. Default: false.
   */
  readonly exclusive?: boolean | undefined;
}

/** A file open for reading at any place. Reads may overlap in time. */
export interface ReadableFile {
  readonly path: string;
  /** Bytes in the file when it was opened. */
  readonly size: number;
  /**
   * Fills the targets in turn with the bytes from `offset` on, so that things that lie next to each other in the file
   * are read together, each into its own memory.
   *
   * @throws `OutOfRangeError` if the file ends before the last target is full.
   */
  readInto(offset: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void>;
  close(): Promise<void>;
}

/** A new file, written from start to end. Calls must not overlap in time. */
export interface WritableFile {
  readonly path: string;
  /**
   * Appends the chunks in turn. Their memory may be written to again once the promise is settled.
   *
   * @throws `ResourceExhaustedError` if there is no room.
   */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /** Makes all that was written survive a loss of power; where the storage can't, does nothing. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What a storage can do, so that nothing need be guessed from a path. */
export interface StorageCapabilities {
  /** {@link Storage.rename} replaces the target in one step that no reader sees half done. */
  readonly atomicRename: boolean;
  /** A file appears only when it is closed, whole; so temporary names are not needed. */
  readonly atomicPut: boolean;
  /** {@link WritableFile.sync} and {@link Storage.syncDirectory} have an effect. */
  readonly fsync: boolean;
  /** {@link CreateOptions.exclusive} is obeyed. */
  readonly exclusiveCreate: boolean;
  /** A part of a file can be read without reading all of it. */
  readonly rangeReads: boolean;
}

/**
 * Bytes by path. Paths are text with `/` between the parts; how they name a place is the storage's business, but
 * `a/b` lies in the directory `a` everywhere.
 *
 * Failures are this library's errors: `NotFoundError` (no such file, directory or parent directory),
 * `FailedPreconditionError` (a file where a directory must be, or the reverse; a directory that is not empty),
 * `PermissionDeniedError`, `ResourceExhaustedError` (no room, too many open files), `UnknownError` for the rest; each
 * with the path in {@link CheckpointError.path} and in its message.
 */
export interface Storage {
  readonly capabilities: StorageCapabilities;
  /** Opens a file for reading. */
  open(path: string, options?: CallOptions): Promise<ReadableFile>;
  /** Makes a file, empty, in place of any that was there. Its directory must exist. */
  create(path: string, options?: CreateOptions): Promise<WritableFile>;
  /** What `path` is, or `undefined` if nothing is there. */
  stat(path: string): Promise<FileStat | undefined>;
  /** What is in a directory, in no particular order. */
  list(path: string): Promise<DirectoryEntry[]>;
  /** Gives a file another name, replacing any file that had it. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file. */
  remove(path: string): Promise<void>;
  /** Makes one directory, whose parent must exist. An existing directory is left as it is. */
  createDirectory(path: string): Promise<void>;
  /** Removes an empty directory. */
  removeDirectory(path: string): Promise<void>;
  /** Makes the names in a directory survive a loss of power; where the storage can't, does nothing. */
  syncDirectory(path: string): Promise<void>;
}
