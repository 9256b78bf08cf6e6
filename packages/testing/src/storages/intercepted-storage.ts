import type {
  CallOptions,
  CreateOptions,
  DirectoryEntry,
  FileStat,
  GetOptions,
  ListOptions,
  OpenOptions,
  PreparedFile,
  PutOptions,
  ReadableFile,
  RemoveOptions,
  Storage,
  StorageCapabilities,
  UnfinishedFiles,
  WholeFile,
  WritableFile,
} from "@tfsaver/storage";
import { canonicalPath, totalLength } from "@tfsaver/storage";

/** The calls of a storage and of the files opened through it. */
export type StorageOperationKind =
  | "open"
  | "create"
  | "stat"
  | "list"
  | "rename"
  | "remove"
  | "createDirectory"
  | "removeDirectory"
  | "syncDirectory"
  | "canonical"
  | "isAbandoned"
  | "get"
  | "put"
  | "listUnfinished"
  | "finish"
  | "stateOf"
  | "read"
  | "write"
  | "sync"
  | "close"
  | "prepare"
  | "abandon";

/** A call of a storage or one of its files. */
export interface StorageOperation {
  readonly kind: StorageOperationKind;
  /** Path of the file as it was passed; for a rename, the old path. */
  readonly path: string;
  /** New path, for a rename. */
  readonly to?: string;
  /** Offset in bytes, for a read. */
  readonly offset?: number;
  /** Number of bytes, for a read or write. */
  readonly length?: number;
}

/** Wraps a storage and intercepts every call. Extend it for storages that misbehave on purpose. */
export abstract class InterceptedStorage implements Storage {
  /** Left out where the inner storage has none. */
  readonly canonical?: (path: string) => Promise<string>;
  /** Left out where the inner storage has none. */
  readonly isAbandoned?: (path: string) => Promise<boolean>;
  /** Left out where the inner storage has none. */
  readonly get?: (path: string, options?: GetOptions) => Promise<WholeFile | undefined>;
  /** Left out where the inner storage has none. */
  readonly put?: (path: string, bytes: Uint8Array, options?: PutOptions) => Promise<string>;
  /** Left out where the inner storage has none. */
  readonly unfinished?: UnfinishedFiles;

  constructor(protected readonly inner: Storage) {
    const { unfinished } = inner;
    if (inner.canonical !== undefined) {
      this.canonical = (path) => this.intercept({ kind: "canonical", path }, () => canonicalPath(inner, path));
    }
    if (inner.isAbandoned !== undefined) {
      const isAbandoned = inner.isAbandoned.bind(inner);
      this.isAbandoned = (path) => this.intercept({ kind: "isAbandoned", path }, () => isAbandoned(path));
    }
    if (inner.get !== undefined) {
      this.get = (path, options) => this.intercept({ kind: "get", path }, async () => inner.get?.(path, options));
    }
    if (inner.put !== undefined) {
      const put = inner.put.bind(inner);
      this.put = (path, bytes, options) =>
        this.intercept({ kind: "put", path, length: bytes.length }, () => put(path, bytes, options));
    }
    if (unfinished !== undefined) {
      this.unfinished = {
        list: (path, options) => this.intercept({ kind: "listUnfinished", path }, () => unfinished.list(path, options)),
        finish: (path, file, options) =>
          this.intercept({ kind: "finish", path }, () => unfinished.finish(path, file, options)),
        stateOf: (path, file, options) =>
          this.intercept({ kind: "stateOf", path }, () => unfinished.stateOf(path, file, options)),
        abandon: (path, ticket, options) =>
          this.intercept({ kind: "abandon", path }, () => unfinished.abandon(path, ticket, options)),
      };
    }
  }

  get capabilities(): StorageCapabilities {
    return this.inner.capabilities;
  }

  /** Called for every operation; `run` carries it out. */
  protected abstract intercept<T>(operation: StorageOperation, run: () => Promise<T>): Promise<T>;

  /** Called for writes. Default: calls {@link InterceptedStorage.intercept}. */
  protected interceptWrite(
    operation: StorageOperation,
    file: WritableFile,
    chunks: readonly Uint8Array[],
  ): Promise<void> {
    return this.intercept(operation, () => file.write(chunks));
  }

  async open(path: string, options?: OpenOptions): Promise<ReadableFile> {
    const file = await this.intercept({ kind: "open", path }, () => this.inner.open(path, options));
    return {
      path: file.path,
      size: file.size,
      readInto: (offset, targets, readOptions) =>
        this.intercept({ kind: "read", path, offset, length: totalLength(targets) }, () =>
          file.readInto(offset, targets, readOptions),
        ),
      close: () => this.intercept({ kind: "close", path }, () => file.close()),
    };
  }

  async create(path: string, options?: CreateOptions): Promise<WritableFile> {
    const file = await this.intercept({ kind: "create", path }, () => this.inner.create(path, options));
    return {
      path: file.path,
      write: (chunks) => {
        const length = totalLength(chunks);
        return this.interceptWrite({ kind: "write", path, length }, file, chunks);
      },
      sync: () => this.intercept({ kind: "sync", path }, () => file.sync()),
      close: () => this.intercept({ kind: "close", path }, () => file.close()),
      ...(file.abandon && {
        abandon: () => this.intercept({ kind: "abandon", path }, async () => file.abandon?.()),
      }),
      ...(file.prepare && {
        prepare: () => this.intercept({ kind: "prepare", path }, async () => (await file.prepare?.()) as PreparedFile),
      }),
    };
  }

  stat(path: string, options?: CallOptions): Promise<FileStat | undefined> {
    return this.intercept({ kind: "stat", path }, () => this.inner.stat(path, options));
  }

  list(path: string, options?: ListOptions): Promise<DirectoryEntry[]> {
    return this.intercept({ kind: "list", path }, () => this.inner.list(path, options));
  }

  rename(from: string, to: string, options?: CallOptions): Promise<void> {
    return this.intercept({ kind: "rename", path: from, to }, () => this.inner.rename(from, to, options));
  }

  remove(path: string, options?: RemoveOptions): Promise<void> {
    return this.intercept({ kind: "remove", path }, () => this.inner.remove(path, options));
  }

  createDirectory(path: string, options?: CallOptions): Promise<void> {
    return this.intercept({ kind: "createDirectory", path }, () => this.inner.createDirectory(path, options));
  }

  removeDirectory(path: string, options?: CallOptions): Promise<void> {
    return this.intercept({ kind: "removeDirectory", path }, () => this.inner.removeDirectory(path, options));
  }

  syncDirectory(path: string, options?: CallOptions): Promise<void> {
    return this.intercept({ kind: "syncDirectory", path }, () => this.inner.syncDirectory(path, options));
  }
}
