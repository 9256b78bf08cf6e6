/** Describes a file or directory, without opening it. */
export interface FileStat {
  /** `"other"` is what can't be opened as a file: a pipe, a socket, a device. */
  readonly kind: "file" | "directory" | "other";
  /** Size in bytes. */
  readonly size: number;
  /** Time of the last change, in milliseconds since 1970. */
  readonly modifiedMs: number;
  /** Names this state of the file, as {@link WholeFile.version} does; left out by storages that do not tell states apart. */
  readonly version?: string | undefined;
}

/** A name in a directory. */
export interface DirectoryEntry {
  readonly name: string;
  /** `"file"` for all that is no directory itself, links and pipes included; {@link Storage.stat} tells more. */
  readonly kind: "file" | "directory";
}

/** Options of a single call. */
export interface CallOptions {
  /**
   * Ends the call with a `CancelledError`, whose cause is the reason. If it is aborted before the call, nothing is done. If it is
   * aborted later, what the call was to do may be done or not; a storage that works at once need not look.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link Storage.open}. */
export interface OpenOptions extends CallOptions {
  /**
   * Offset in bytes of the first read, if it is known. A remote storage then fetches what lies there together with the size.
   * Default: 0.
   */
  readonly near?: number | undefined;
}

/** Options of {@link Storage.list}. */
export interface ListOptions extends CallOptions {
  /** Asks for names that begin with this, and no others. A storage that has all names at once may return all. Default: all. */
  readonly startsWith?: string | undefined;
}

/** Options of {@link Storage.get}. */
export interface GetOptions extends CallOptions {
  /** Limit of the file's size in bytes. Default: none. */
  readonly maxBytes?: number | undefined;
}

/** A small file, read as a whole. */
export interface WholeFile {
  readonly bytes: Uint8Array;
  /** Names this state of the file, for {@link PutOptions.ifVersion}. */
  readonly version: string;
}

/** Options of {@link Storage.put}. */
export interface PutOptions extends CallOptions {
  /** Fail with an `AlreadyExistsError` if the name exists. Default: false. */
  readonly exclusive?: boolean | undefined;
  /** Fail with an `AbortedError` unless the file is still in this state. Default: the file may have changed, or be missing. */
  readonly ifVersion?: string | undefined;
}

/** Options of {@link Storage.remove}. */
export interface RemoveOptions extends CallOptions {
  /**
   * Fail with an `AbortedError` unless the file is still in this state. Honored by storages with {@link Storage.get}. Default: the
   * file may have changed.
   */
  readonly ifVersion?: string | undefined;
}

/** A file that was created and not closed. */
export interface UnfinishedFile {
  readonly path: string;
  /** Tells it from other unfinished files of the same path. Never a secret. */
  readonly ticket: string;
  /** When it was created, in milliseconds since 1970. */
  readonly startedMs: number;
}

/** A file that is stored and not closed. {@link WritableFile.prepare} returns it; any process can close the file with it. */
export interface PreparedFile {
  /** As in {@link UnfinishedFile}. */
  readonly ticket: string;
  /** Tells the file from others of its path after it is closed. Never a secret. */
  readonly mark: string;
}

/**
 * `waiting`: not closed yet. `finished`: closed, and still the file of its path. `gone`: abandoned, dropped by the storage, or
 * replaced by another file since.
 */
export type PreparedState = "waiting" | "finished" | "gone";

/** The files that were created and not closed, on a storage where they outlive their process, as uploads in parts do. */
export interface UnfinishedFiles {
  /** Lists those in a directory, not those in its subdirectories. */
  list(directory: string, options?: CallOptions): Promise<UnfinishedFile[]>;
  /**
   * Closes a file whose writer has called {@link WritableFile.prepare}: it appears, and replaces any file of its name.
   *
   * @throws `NotFoundError` if it is closed, abandoned or dropped already.
   */
  finish(path: string, file: PreparedFile, options?: CallOptions): Promise<void>;
  /** Tells what became of a file whose writer has called {@link WritableFile.prepare}. */
  stateOf(path: string, file: PreparedFile, options?: CallOptions): Promise<PreparedState>;
  /**
   * Drops a file with all that was written to it.
   *
   * @throws `NotFoundError` if it is closed or abandoned already.
   */
  abandon(path: string, ticket: string, options?: CallOptions): Promise<void>;
}

/** Options of {@link Storage.create}. */
export interface CreateOptions extends CallOptions {
  /**
   * Fail with an `AlreadyExistsError` if the name exists. Of several concurrent calls, one succeeds. Honored only if
   * {@link StorageCapabilities.exclusiveCreate} is true. Default: false.
   */
  readonly exclusive?: boolean | undefined;
  /**
   * Number of bytes that will be written at least, if it is known. A storage that can't hold a file of so many refuses it with a
   * `ResourceExhaustedError` before anything is sent. Default: unknown.
   */
  readonly expectedBytes?: number | undefined;
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
   * @throws `OutOfRangeError` if the file ends before the last target is full; `AbortedError` if the file was replaced, renamed or
   * removed since it was opened, and the storage does not keep it until it is closed.
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
  /**
   * Ends the writing without closing the file: nothing appears, and a file that it was to replace stays. Only with
   * {@link StorageCapabilities.atomicPut}.
   */
  abandon?(): Promise<void>;
  /**
   * Stores all that was written, so that {@link UnfinishedFiles.finish} has nothing left to send. Afterwards, only `close` and
   * `abandon` may be called.
   */
  prepare?(): Promise<PreparedFile>;
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
  /**
   * False if a directory is only a part of the names of files: it is there as long as a file in it is. Creating and removing one
   * does nothing then. Default: true.
   */
  readonly directories?: boolean | undefined;
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
  open(path: string, options?: OpenOptions): Promise<ReadableFile>;
  /** Creates an empty file, or replaces an existing one. Its directory must exist. */
  create(path: string, options?: CreateOptions): Promise<WritableFile>;
  /** Describes a path; `undefined` if nothing is there. */
  stat(path: string, options?: CallOptions): Promise<FileStat | undefined>;
  /** Lists a directory, in no particular order. */
  list(path: string, options?: ListOptions): Promise<DirectoryEntry[]>;
  /** Renames a file, replacing any file of the new name. */
  rename(from: string, to: string, options?: CallOptions): Promise<void>;
  /** Removes a file. */
  remove(path: string, options?: RemoveOptions): Promise<void>;
  /** Creates a directory, whose parent must exist. Does nothing if it exists. */
  createDirectory(path: string, options?: CallOptions): Promise<void>;
  /** Removes an empty directory. */
  removeDirectory(path: string, options?: CallOptions): Promise<void>;
  /** Flushes the names in a directory, so that they survive a power loss. Does nothing on storages without `fsync`. */
  syncDirectory(path: string, options?: CallOptions): Promise<void>;
  /**
   * Returns the one path that stands for all spellings of a path, which need not exist. Equal results mean the same file,
   * and a file `d/m` gives a path in what `d` gives. Left out by storages whose paths are compared as text;
   * `canonicalPath` serves both.
   */
  canonical?(path: string): Promise<string>;
  /**
   * Reads a whole file in one step, with a name for its state; undefined if it is not there. Left out by storages that do not
   * tell states apart; `getFile` serves both.
   *
   * @throws `ResourceExhaustedError` if it is larger than {@link GetOptions.maxBytes}.
   */
  get?(path: string, options?: GetOptions): Promise<WholeFile | undefined>;
  /**
   * Writes a whole file in one step: readers see what was there before, or all of it. Left out where {@link Storage.get} is.
   *
   * @returns the name of the new state
   */
  put?(path: string, bytes: Uint8Array, options?: PutOptions): Promise<string>;
  /**
   * True if a file was created with {@link CreateOptions.exclusive} by a page or process that has ended; false if that one lives, or
   * the file is gone. Left out by storages that can't tell.
   */
  isAbandoned?(path: string): Promise<boolean>;
  /**
   * Returns the storage that a path belongs to, with what it can do there. Left out by storages that do not pass calls on to
   * several others; `storageAt` serves all.
   *
   * @throws `UnimplementedError` if it belongs to none.
   */
  at?(path: string): Storage;
  /** Left out by storages where a file that was not closed is gone, or a part of it stays. */
  readonly unfinished?: UnfinishedFiles | undefined;
}
