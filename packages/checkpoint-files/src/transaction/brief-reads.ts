import { parseCheckpointFilename } from "@tfsaver/checkpoint-names";
import { NotFoundError } from "@tfsaver/core";
import {
  type CallOptions,
  type DirectoryEntry,
  type FileStat,
  type ListOptions,
  type ReadableFile,
  ReadOnlyStorage,
  readableBytes,
  type Storage,
  type StorageCapabilities,
} from "@tfsaver/storage";

/**
 * Reads a storage in few calls, for a check that reads all of an index but nothing of the data: an index is read at once where the
 * storage can, and a data file is only opened to be read, not to tell its size.
 */
export class BriefReads extends ReadOnlyStorage {
  override readonly capabilities: StorageCapabilities;

  constructor(private readonly storage: Storage) {
    super();
    this.capabilities = storage.capabilities;
  }

  async open(path: string, options?: CallOptions): Promise<ReadableFile> {
    const { storage } = this;
    if (storage.get === undefined) return storage.open(path, options);
    if (parseCheckpointFilename(path).role !== "index") return this.#unopened(path);
    const found = await storage.get(path, options);
    if (found === undefined) throw missing(path);
    return readableBytes(path, found.bytes);
  }

  stat(path: string, options?: CallOptions): Promise<FileStat | undefined> {
    return this.storage.stat(path, options);
  }

  list(path: string, options?: ListOptions): Promise<DirectoryEntry[]> {
    return this.storage.list(path, options);
  }

  async #unopened(path: string): Promise<ReadableFile> {
    const stat = await this.storage.stat(path);
    if (stat?.kind !== "file") throw missing(path);
    let file: Promise<ReadableFile> | undefined;
    return {
      path,
      size: stat.size,
      readInto: async (offset, targets, options) => {
        file ??= this.storage.open(path, options);
        await (await file).readInto(offset, targets, options);
      },
      close: async () => (await file)?.close(),
    };
  }
}

function missing(path: string): NotFoundError {
  return new NotFoundError(`${path}; No such file or directory`, { path });
}
