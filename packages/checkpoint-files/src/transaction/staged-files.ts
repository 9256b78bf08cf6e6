import { dataFilename, finalFilename, flatPartPrefix, parseCheckpointFilename } from "@tfsaver/checkpoint-names";
import { FailedPreconditionError, NotFoundError, throwIfAborted, UnimplementedError } from "@tfsaver/core";
import { concatBytes } from "@tfsaver/core/coding";
import {
  basename,
  type CreateOptions,
  canonicalPath,
  type DirectoryEntry,
  dirname,
  type FileStat,
  normalizePath,
  type ReadableFile,
  readableBytes,
  type Storage,
  type StorageCapabilities,
  totalLength,
  type WritableFile,
} from "@tfsaver/storage";

/** Bytes up to which a data file is held back, to be sent in one step. */
const HELD_BYTES = 1 << 20;

/** A file of a checkpoint that no reader can see yet. */
export interface StagedFile {
  /** The name under which it will appear. */
  readonly target: string;
  /** Its bytes, as long as it has not been sent. */
  readonly held: readonly Uint8Array[];
  /** The file on the storage, which is not closed; undefined as long as the bytes are held. */
  readonly sent: WritableFile | undefined;
}

/**
 * The files of a checkpoint for a storage that shows a file only when it is closed, and renames nothing in one step. It looks like
 * a storage with renames: temporary names are changed here alone. What is written goes to the storage as a file of the last name
 * that is not closed; indexes and small files are held in memory. They all appear when the transaction closes them.
 */
export class StagedFiles implements Storage {
  readonly capabilities: StorageCapabilities = {
    atomicRename: true,
    atomicPut: false,
    fsync: false,
    exclusiveCreate: false,
    rangeReads: true,
    directories: false,
  };
  /** By the names that the writers know. */
  readonly #files = new Map<string, Staged>();

  /** @param prefix - the prefix of the checkpoint */
  constructor(
    private readonly storage: Storage,
    private readonly prefix: string,
  ) {}

  /**
   * The files that are to appear, in this order: those that were sent, then those that are held, and last the one on which a reader
   * depends: the index, or the first of several shards.
   */
  get files(): readonly StagedFile[] {
    const files = [...this.#files].map(([name, file]) => this.#withTarget(name, file));
    const rankOf = (file: StagedFile) => (isKey(file) ? 2 : file.sent === undefined ? 1 : 0);
    return files.sort((a, b) => rankOf(a) - rankOf(b));
  }

  async create(path: string, { expectedBytes, signal }: CreateOptions = {}): Promise<WritableFile> {
    throwIfAborted(signal);
    const name = normalizePath(path);
    await this.#files.get(name)?.abandon();
    const target = this.#targetOf(path);
    const isIndex = parseCheckpointFilename(target).role === "index";
    const file = new Staged(target, isIndex ? Number.POSITIVE_INFINITY : HELD_BYTES, this.storage, expectedBytes);
    this.#files.set(name, file);
    return { path, write: (chunks) => file.write(chunks), sync: async () => undefined, close: async () => undefined };
  }

  async open(path: string): Promise<ReadableFile> {
    const { held, sent } = this.#require(path);
    if (sent !== undefined) throw new UnimplementedError(`${path} can't be read before it is whole`, { path });
    return readableBytes(path, concatBytes(held));
  }

  async stat(path: string): Promise<FileStat | undefined> {
    const file = this.#files.get(normalizePath(path));
    return file && { kind: "file", size: file.size, modifiedMs: Date.now() };
  }

  async list(path: string): Promise<DirectoryEntry[]> {
    const folder = normalizePath(path);
    const names = [...this.#files.keys()].filter((name) => (dirname(name) || ".") === folder);
    return names.map((name) => ({ name: basename(name), kind: "file" }));
  }

  async rename(from: string, to: string): Promise<void> {
    const file = this.#require(from);
    const name = normalizePath(to);
    if (name !== normalizePath(from)) await this.#files.get(name)?.abandon();
    this.#files.delete(normalizePath(from));
    this.#files.set(name, file);
  }

  async remove(path: string): Promise<void> {
    await this.#require(path).abandon();
    this.#files.delete(normalizePath(path));
  }

  async createDirectory(): Promise<void> {}

  async removeDirectory(): Promise<void> {}

  async syncDirectory(): Promise<void> {}

  canonical(path: string): Promise<string> {
    return canonicalPath(this.storage, path);
  }

  /** Drops all files. Best effort: what can't be dropped is found by `removeDebris`. */
  async abandon(): Promise<void> {
    for (const file of this.#files.values()) await file.abandon().catch(() => undefined);
    this.#files.clear();
  }

  #require(path: string): Staged {
    const file = this.#files.get(normalizePath(path));
    if (file === undefined) throw new NotFoundError(`${path}; No such file or directory`, { path });
    return file;
  }

  /** Returns the name under which a file will appear: a file that is sent must have it from the beginning. */
  #targetOf(path: string): string {
    const file = parseCheckpointFilename(path);
    const part = parseCheckpointFilename(file.prefix);
    const isPart =
      (part.prefix === this.prefix && part.stage === "staged") || part.prefix === flatPartPrefix(this.prefix);
    if (file.role === "data" && isPart && part.shard !== undefined && part.numShards !== undefined)
      return dataFilename(this.prefix, part.shard, part.numShards);
    return finalFilename(file);
  }

  #withTarget(name: string, { target, held, sent }: Staged): StagedFile {
    if (sent === undefined || normalizePath(target) === name)
      return { target: sent === undefined ? name : target, held, sent };
    throw new FailedPreconditionError(
      `${name} can't get its name: it was sent to the storage as ${target}, and the storage has no renames. Let the graph ` +
        "number its shards as TensorFlow does.",
      { path: name },
    );
  }
}

class Staged implements StagedFile {
  #held: Uint8Array[] = [];
  #sent: WritableFile | undefined;
  size = 0;

  constructor(
    readonly target: string,
    private readonly heldBytes: number,
    private readonly storage: Storage,
    private readonly expectedBytes: number | undefined,
  ) {}

  get held(): readonly Uint8Array[] {
    return this.#held;
  }

  get sent(): WritableFile | undefined {
    return this.#sent;
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    this.size += totalLength(chunks);
    if (this.#sent === undefined && this.size <= this.heldBytes) {
      for (const chunk of chunks) this.#held.push(chunk.slice());
      return;
    }
    if (this.#sent === undefined) {
      this.#sent = await this.storage.create(this.target, { expectedBytes: this.expectedBytes });
      const held = this.#held;
      this.#held = [];
      await this.#sent.write(held);
    }
    await this.#sent.write(chunks);
  }

  async abandon(): Promise<void> {
    this.#held = [];
    await this.#sent?.abandon?.();
  }
}

/** True for the file whose absence hides the others. */
function isKey({ target }: StagedFile): boolean {
  const { role, shard } = parseCheckpointFilename(target);
  return role === "index" || (role === "slices" && (shard ?? 0) === 0);
}
