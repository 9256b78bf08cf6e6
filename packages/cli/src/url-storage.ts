import { parseShardFilespec } from "@tfsaver/checkpoint-names";
import { isCheckpointError } from "@tfsaver/core";
import {
  type CallOptions,
  type CreateOptions,
  canonicalPath,
  type DirectoryEntry,
  type FileStat,
  type ListOptions,
  type ReadableFile,
  ReadOnlyStorage,
  type RemoveOptions,
  type Storage,
  type StorageCapabilities,
  type WritableFile,
} from "@tfsaver/storage";
import type { Buckets } from "./buckets.js";
import { UsageError } from "./errors.js";
import { loadOptional } from "./optional-packages.js";

/** True if a path is the address of a file on a web server. */
export function isUrl(path: string): boolean {
  return /^https?:\/\//i.test(path) && URL.canParse(path);
}

/**
 * Makes sure that what a command writes to is no file of a web server, which is only read.
 *
 * @throws UsageError for a URL.
 */
export function requireLocal(destination: string): void {
  if (!isUrl(destination)) return;
  throw new UsageError(`${destination} is a URL, which is only read: give a path of this machine to write to`);
}

/**
 * Makes sure that a URL that is read has only what the names of all files of a checkpoint begin with.
 *
 * @throws UsageError for a URL with a query, a fragment, or a name and password.
 */
export function requirePlain(source: string): void {
  if (!isUrl(source)) return;
  // The question marks of a V1 checkpoint in shards are no query.
  const { search, hash, username, password } = new URL(parseShardFilespec(source)?.prefix ?? source);
  if (search + hash + username + password === "") return;
  const what = "a URL may have neither a query nor a name and password, because it stands for several files";
  throw new UsageError(`${source}: ${what}. Give the address without`);
}

/** True if an argument names something in a bucket. */
export function namesBucket(argument: string): boolean {
  return /(^|=)s3:\/\//i.test(argument);
}

/** Sends the paths that are URLs to their web servers, those that begin with `s3://` to their buckets, all others to one storage. */
export class UrlStorage implements Storage {
  readonly capabilities: StorageCapabilities;
  readonly #web = new WebStorage();
  #buckets: Buckets | undefined;

  constructor(private readonly local: Storage) {
    this.capabilities = local.capabilities;
  }

  /**
   * Makes the paths of buckets usable. Loads the packages for it, which are optional.
   *
   * @throws `UsageError` if they are not installed.
   */
  async openBuckets(): Promise<void> {
    const needed = ["@tfsaver/storage-s3", "@aws-sdk/client-s3"];
    const load = () => import("./buckets.js");
    this.#buckets = (await loadOptional("s3:// needs packages that are not installed", needed, load)).openBuckets();
  }

  at(path: string): Storage {
    if (isUrl(path)) return this.#web;
    return (namesBucket(path) ? this.#buckets?.of(path) : undefined) ?? this.local;
  }

  async open(path: string, options?: CallOptions): Promise<ReadableFile> {
    return this.at(path).open(path, options);
  }

  async create(path: string, options?: CreateOptions): Promise<WritableFile> {
    return this.at(path).create(path, options);
  }

  async stat(path: string, options?: CallOptions): Promise<FileStat | undefined> {
    return this.at(path).stat(path, options);
  }

  async list(path: string, options?: ListOptions): Promise<DirectoryEntry[]> {
    return this.at(path).list(path, options);
  }

  async rename(from: string, to: string, options?: CallOptions): Promise<void> {
    return this.at(from).rename(from, to, options);
  }

  async remove(path: string, options?: RemoveOptions): Promise<void> {
    return this.at(path).remove(path, options);
  }

  async createDirectory(path: string, options?: CallOptions): Promise<void> {
    return this.at(path).createDirectory(path, options);
  }

  async removeDirectory(path: string, options?: CallOptions): Promise<void> {
    return this.at(path).removeDirectory(path, options);
  }

  async syncDirectory(path: string, options?: CallOptions): Promise<void> {
    return this.at(path).syncDirectory(path, options);
  }

  async canonical(path: string): Promise<string> {
    return canonicalPath(this.at(path), path);
  }
}

/** Reads URLs from their web servers. */
class WebStorage extends ReadOnlyStorage {
  readonly #servers = new Map<string, Promise<Storage>>();

  async open(path: string, options?: CallOptions): Promise<ReadableFile> {
    const file = await this.#at(path, (server, own) => server.open(own, options));
    return new UrlFile(file, path);
  }

  stat(path: string, options?: CallOptions): Promise<FileStat | undefined> {
    return this.#at(path, (server, own) => server.stat(own, options));
  }

  list(path: string, options?: ListOptions): Promise<DirectoryEntry[]> {
    return this.#at(path, (server, own) => server.list(own, options));
  }

  override async canonical(path: string): Promise<string> {
    return new URL(path).href;
  }

  async #at<T>(path: string, use: (server: Storage, own: string) => Promise<T>): Promise<T> {
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
