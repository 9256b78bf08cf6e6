import { isCheckpointError, throwIfAborted, UnimplementedError } from "@tfsaver/core";
import { ReadOnlyStorage } from "../read-only-storage.js";
import type { CallOptions, DirectoryEntry, FileStat, ReadableFile } from "../storage.js";
import { Address } from "./address.js";
import { type Fetch, HttpClient } from "./http-client.js";
import { HttpReader } from "./http-reader.js";
import { type Probe, probe } from "./probe.js";
import { RecentProbes } from "./recent-probes.js";

/** Options of {@link HttpStorage}. */
export interface HttpStorageOptions {
  /**
   * Carries out the requests in place of the global `fetch`: to sign them, to add a token that may expire, to try again,
   * or to change how answers are cached.
   */
  readonly fetch?: Fetch | undefined;
  /** Sent with every request. */
  readonly headers?: HeadersInit | undefined;
  /**
   * The largest file, in bytes, that is read as a whole and kept in memory while it is open. This is done only where a
   * server does not support range requests. Default: 256 MiB.
   */
  readonly maxWholeFileBytes?: number | undefined;
}

const DEFAULT_MAX_WHOLE_FILE = 256 << 20;

/**
 * Files behind HTTP, read in parts with as few requests as possible. Read-only, and without directories: `list` and what
 * would change something are an `UnimplementedError`.
 *
 * A missing file (404, 410) is a `NotFoundError`; 401 and 403 are a `PermissionDeniedError`; an unreachable or
 * overloaded server (no answer, a broken connection, 5xx, 408, 429) is an `UnavailableError`; a file that changes while
 * it is open is an `AbortedError` when that is noticed; any answer that is not the right one, an `UnknownError`. Nothing
 * is tried again: that is the business of a `fetch` of one's own.
 *
 * @example
 * ```ts
 * const storage = new HttpStorage("https://models.example/");
 * const checkpoint = await openCheckpoint("run/model.ckpt-7", { storage });
 * ```
 */
export class HttpStorage extends ReadOnlyStorage {
  readonly #client: HttpClient;
  readonly #recent = new RecentProbes();

  /**
   * @param baseUrl - the folder that paths start in, relative ones and absolute ones alike; in a page it may be relative
   * to the page. Its query, if it has one, is sent with every request and never shown in an error.
   * @throws `ValueError` if it is no URL.
   */
  constructor(baseUrl: string | URL, options: HttpStorageOptions = {}) {
    super();
    this.#client = new HttpClient(
      new Address(baseUrl),
      options.fetch ?? ((url, init) => fetch(url, init)),
      options.headers,
      options.maxWholeFileBytes ?? DEFAULT_MAX_WHOLE_FILE,
    );
  }

  /**
   * Opens a file with one request, or with none if `stat` has just looked at it.
   *
   * @throws `ResourceExhaustedError` if it is too large for a server that does not support range requests.
   */
  async open(path: string, options?: CallOptions): Promise<ReadableFile> {
    throwIfAborted(options?.signal);
    const { head, ...found } = this.#recent.take(path) ?? (await probe(this.#client, path, "content", options));
    return new HttpReader(path, this.#client, { ...found, head: head ?? new Uint8Array() });
  }

  /**
   * Looks at a file with one request. What it finds serves an `open` that follows within ten seconds.
   *
   * @returns `modifiedMs` is 0 if the server does not tell.
   */
  async stat(path: string): Promise<FileStat | undefined> {
    let found: Probe;
    try {
      found = await probe(this.#client, path, "size");
    } catch (error) {
      if (isCheckpointError(error, "NotFoundError")) return undefined;
      throw error;
    }
    if (found.head !== undefined) this.#recent.add(path, found);
    const modifiedMs = Date.parse(found.version.lastModified ?? "");
    return { kind: "file", size: found.size, modifiedMs: Number.isNaN(modifiedMs) ? 0 : modifiedMs };
  }

  /** @throws `UnimplementedError` always: HTTP has no directories. */
  async list(path: string): Promise<DirectoryEntry[]> {
    throw new UnimplementedError(`Can't list ${path}: HTTP has no directories`, { path });
  }
}
