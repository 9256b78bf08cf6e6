import { FailedPreconditionError, NotFoundError, throwIfAborted } from "@tfsaver/core";
import { directoriesAbove, normalizePath } from "../paths/path.js";
import { ReadOnlyStorage } from "../read-only-storage.js";
import type { CallOptions, DirectoryEntry, FileStat, ReadableFile } from "../storage.js";
import { BlobReader } from "./blob-reader.js";

/**
 * Source of the files of a {@link BlobStorage}: a `FileList` or another collection of `File`s, each stored under its
 * `webkitRelativePath` (set for files of a chosen folder) or else its `name`; or blobs by path.
 */
export type BlobStorageSource = Iterable<File> | ArrayLike<File> | ReadonlyMap<string, Blob>;

/**
 * Reads files that a browser hands over, piece by piece and never whole. Read-only: operations that would change
 * something reject with an `UnimplementedError`. Relative and absolute paths mean the same; a directory exists if it
 * contains a file.
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { BlobStorage } from "@tfsaver/storage/blob";
 *
 * declare const input: { readonly files: ArrayLike<File> }; // <input type="file" webkitdirectory>
 * const reader = await openCheckpoint("run/model.ckpt-7", { storage: new BlobStorage(input.files) });
 * ```
 */
export class BlobStorage extends ReadOnlyStorage {
  readonly #blobs = new Map<string, Blob>();
  /** Entries of each directory; the key of the root is `""`. */
  readonly #directories = new Map<string, Map<string, DirectoryEntry>>([["", new Map()]]);
  readonly #madeMs = Date.now();

  constructor(source: BlobStorageSource) {
    super();
    for (const [path, blob] of namedBlobs(source)) this.#add(keyOf(path), blob);
  }

  /** Paths of all files, in the order in which they were passed. */
  get paths(): string[] {
    return [...this.#blobs.keys()];
  }

  async open(path: string, options?: CallOptions): Promise<ReadableFile> {
    throwIfAborted(options?.signal);
    const key = keyOf(path);
    const blob = this.#blobs.get(key);
    if (blob === undefined) {
      if (this.#directories.has(key)) throw new FailedPreconditionError(`${path} is a directory`, { path });
      throw this.#missing(path, key);
    }
    if (path.endsWith("/")) throw new FailedPreconditionError(`${path}; Not a directory`, { path });
    return new BlobReader(path, blob);
  }

  async stat(path: string, options?: CallOptions): Promise<FileStat | undefined> {
    throwIfAborted(options?.signal);
    const key = keyOf(path);
    const blob = this.#blobs.get(key);
    if (blob !== undefined && !path.endsWith("/")) {
      return { kind: "file", size: blob.size, modifiedMs: this.#modifiedMs(blob) };
    }
    return this.#directories.has(key) ? { kind: "directory", size: 0, modifiedMs: this.#madeMs } : undefined;
  }

  async list(path: string, options?: CallOptions): Promise<DirectoryEntry[]> {
    throwIfAborted(options?.signal);
    const key = keyOf(path);
    const entries = this.#directories.get(key);
    if (entries !== undefined) return [...entries.values()];
    if (this.#blobs.has(key)) throw new FailedPreconditionError(`${path} is not a directory`, { path });
    throw this.#missing(path, key);
  }

  #add(key: string, blob: Blob): void {
    this.#blobs.set(key, blob);
    let kind: DirectoryEntry["kind"] = "file";
    for (let child = key; child !== ""; child = parentOf(child)) {
      const parent = parentOf(child);
      const entries = this.#directories.get(parent) ?? new Map<string, DirectoryEntry>();
      const name = child.slice(parent === "" ? 0 : parent.length + 1);
      entries.set(name, { name, kind });
      this.#directories.set(parent, entries);
      kind = "directory";
    }
  }

  /** Returns the time of a blob: its own if it is a file, otherwise the time at which this storage was made. */
  #modifiedMs(blob: Blob): number {
    return "lastModified" in blob ? (blob as File).lastModified : this.#madeMs;
  }

  /** Makes the error for a missing path. Its kind depends on whether one of the parents is a file. */
  #missing(path: string, key: string): NotFoundError | FailedPreconditionError {
    for (const parent of directoriesAbove(key)) {
      if (this.#blobs.has(parent)) return new FailedPreconditionError(`${path}; Not a directory`, { path });
      if (!this.#directories.has(parent)) break;
    }
    return new NotFoundError(`${path}; No such file or directory`, { path });
  }
}

function namedBlobs(source: BlobStorageSource): Iterable<readonly [string, Blob]> {
  if (source instanceof Map) return source;
  const files = source as Iterable<File> | ArrayLike<File>;
  return Array.from(files, (file) => [file.webkitRelativePath || file.name, file] as const);
}

function keyOf(path: string): string {
  const key = normalizePath(path).replace(/^\//, "");
  return key === "." ? "" : key;
}

function parentOf(key: string): string {
  return key.slice(0, Math.max(key.lastIndexOf("/"), 0));
}
