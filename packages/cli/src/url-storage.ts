import {
  type CallOptions,
  type CreateOptions,
  canonicalPath,
  type DirectoryEntry,
  type FileStat,
  type ReadableFile,
  type Storage,
  type StorageCapabilities,
  type WritableFile,
} from "@tfsaver/storage";

/** True if a path is the address of a file on a web server. */
export function isUrl(path: string): boolean {
  return /^https?:\/\//i.test(path) && URL.canParse(path);
}

/** Reads the paths that are URLs from their web servers, and passes all others to another storage. */
export class UrlStorage implements Storage {
  readonly capabilities: StorageCapabilities;
  readonly #servers = new Map<string, Promise<Storage>>();

  constructor(private readonly local: Storage) {
    this.capabilities = local.capabilities;
  }

  open(path: string, options?: CallOptions): Promise<ReadableFile> {
    return this.#at(path, (storage, own) => storage.open(own, options));
  }

  create(path: string, options?: CreateOptions): Promise<WritableFile> {
    return this.#at(path, (storage, own) => storage.create(own, options));
  }

  stat(path: string): Promise<FileStat | undefined> {
    return this.#at(path, (storage, own) => storage.stat(own));
  }

  list(path: string): Promise<DirectoryEntry[]> {
    return this.#at(path, (storage, own) => storage.list(own));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#at(from, (storage, own) => storage.rename(own, to));
  }

  remove(path: string): Promise<void> {
    return this.#at(path, (storage, own) => storage.remove(own));
  }

  createDirectory(path: string): Promise<void> {
    return this.#at(path, (storage, own) => storage.createDirectory(own));
  }

  removeDirectory(path: string): Promise<void> {
    return this.#at(path, (storage, own) => storage.removeDirectory(own));
  }

  syncDirectory(path: string): Promise<void> {
    return this.#at(path, (storage, own) => storage.syncDirectory(own));
  }

  async canonical(path: string): Promise<string> {
    return isUrl(path) ? new URL(path).href : canonicalPath(this.local, path);
  }

  async #at<T>(path: string, use: (storage: Storage, path: string) => Promise<T>): Promise<T> {
    if (!isUrl(path)) return use(this.local, path);
    const { origin, pathname } = new URL(path);
    let server = this.#servers.get(origin);
    if (server === undefined) {
      // Loaded only for URLs.
      server = import("@tfsaver/storage/http").then(({ HttpStorage }) => new HttpStorage(origin));
      this.#servers.set(origin, server);
    }
    return use(await server, decodeURIComponent(pathname));
  }
}
