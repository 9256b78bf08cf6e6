import { isCheckpointError } from "@tfsaver/core";
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
import { UsageError } from "./errors.js";

/** True if a path is the address of a file on a web server. */
export function isUrl(path: string): boolean {
  return /^https?:\/\//i.test(path) && URL.canParse(path);
}

/**
 * Makes sure that what a command writes to is a path of this machine.
 *
 * @throws UsageError for a URL.
 */
export function requireLocal(destination: string): void {
  if (!isUrl(destination)) return;
  throw new UsageError(`${destination} is a URL, which is only read: give a path of this machine to write to`);
}

/** The pattern of the shards of a V1 checkpoint, which is no query. */
const SHARDS = /\?{5}-of-\d{5}$/;

/**
 * Makes sure that a URL that is read has only what the names of all files of a checkpoint begin with.
 *
 * @throws UsageError for a URL with a query, a fragment, or a name and password.
 */
export function requirePlain(source: string): void {
  if (!isUrl(source)) return;
  const { search, hash, username, password } = new URL(source.replace(SHARDS, ""));
  if (search + hash + username + password === "") return;
  const what = "a URL may have neither a query nor a name and password, because it stands for several files";
  throw new UsageError(`${source}: ${what}. Give the address without`);
}

/** Reads the paths that are URLs from their web servers, and passes all others to another storage. */
export class UrlStorage implements Storage {
  readonly capabilities: StorageCapabilities;
  readonly #servers = new Map<string, Promise<Storage>>();

  constructor(private readonly local: Storage) {
    this.capabilities = local.capabilities;
  }

  open(path: string, options?: CallOptions): Promise<ReadableFile> {
    return this.#at(path, async (storage, own) => {
      const file = await storage.open(own, options);
      return isUrl(path) ? new UrlFile(file, path) : file;
    });
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
    const own = decodeURIComponent(pathname);
    try {
      return await use(await server, own);
    } catch (error) {
      throw withUrl(error, own, path);
    }
  }
}

/** A file of a web server, whose path is its URL. */
class UrlFile implements ReadableFile {
  constructor(
    private readonly file: ReadableFile,
    readonly path: string,
  ) {}

  get size(): number {
    return this.file.size;
  }

  async readInto(offset: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void> {
    try {
      await this.file.readInto(offset, targets, options);
    } catch (error) {
      throw withUrl(error, this.file.path, this.path);
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** Returns an error that names the URL of a file in the place of its path on the server. */
function withUrl(error: unknown, path: string, url: string): unknown {
  if (!isCheckpointError(error) || error.path !== path) return error;
  const message = error.message.startsWith(path) ? url + error.message.slice(path.length) : error.message;
  return Object.assign(error, { message, path: url });
}
