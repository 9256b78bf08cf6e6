import {
  type CallOptions,
  canonicalPath,
  type DirectoryEntry,
  type FileStat,
  type ReadableFile,
  type Storage,
  totalLength,
} from "@tfsaver/storage";

/** Called when a storage was asked for something: how many requests and bytes that took. */
export type OnCost = (requests: number, bytes: number) => void;

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

  stat(path: string): Promise<FileStat | undefined> {
    this.onCost(1, 0);
    return this.inner.stat(path);
  }

  list(path: string): Promise<DirectoryEntry[]> {
    this.onCost(1, 0);
    return this.inner.list(path);
  }

  canonical(path: string): Promise<string> {
    return canonicalPath(this.inner, path);
  }

  create: Storage["create"] = (path, options) => this.inner.create(path, options);
  rename: Storage["rename"] = (from, to) => this.inner.rename(from, to);
  remove: Storage["remove"] = (path) => this.inner.remove(path);
  createDirectory: Storage["createDirectory"] = (path) => this.inner.createDirectory(path);
  removeDirectory: Storage["removeDirectory"] = (path) => this.inner.removeDirectory(path);
  syncDirectory: Storage["syncDirectory"] = (path) => this.inner.syncDirectory(path);
}
