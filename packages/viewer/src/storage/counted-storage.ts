import {
  type CallOptions,
  canonicalPath,
  type DirectoryEntry,
  type FileStat,
  type ListOptions,
  type ReadableFile,
  type Storage,
  totalLength,
} from "@tfsaver/storage";

/** Called when a storage was asked for something: how many reads and bytes that took. */
export type OnCost = (reads: number, bytes: number) => void;

/** Passes reads on to a storage, and counts them. */
export class CountedStorage implements Storage {
  constructor(
    private readonly inner: Storage,
    private readonly onCost: OnCost,
  ) {}

  get capabilities() {
    return this.inner.capabilities;
  }

  async open(path: string, options?: CallOptions): Promise<ReadableFile> {
    const { onCost } = this;
    onCost(1, 0);
    const file = await this.inner.open(path, options);
    return {
      path: file.path,
      size: file.size,
      readInto: (offset, targets, callOptions) => {
        onCost(1, totalLength(targets));
        return file.readInto(offset, targets, callOptions);
      },
      close: () => file.close(),
    };
  }

  stat(path: string, options?: CallOptions): Promise<FileStat | undefined> {
    this.onCost(1, 0);
    return this.inner.stat(path, options);
  }

  list(path: string, options?: ListOptions): Promise<DirectoryEntry[]> {
    this.onCost(1, 0);
    return this.inner.list(path, options);
  }

  canonical(path: string): Promise<string> {
    return canonicalPath(this.inner, path);
  }

  create: Storage["create"] = (path, options) => this.inner.create(path, options);
  rename: Storage["rename"] = (from, to, options) => this.inner.rename(from, to, options);
  remove: Storage["remove"] = (path, options) => this.inner.remove(path, options);
  createDirectory: Storage["createDirectory"] = (path, options) => this.inner.createDirectory(path, options);
  removeDirectory: Storage["removeDirectory"] = (path, options) => this.inner.removeDirectory(path, options);
  syncDirectory: Storage["syncDirectory"] = (path, options) => this.inner.syncDirectory(path, options);
}
