import { isCheckpointError, throwIfAborted, UnimplementedError } from "@tfsaver/core";
import { ReadOnlyStorage } from "../read-only-storage.js";
import type { CallOptions, DirectoryEntry, FileStat, ReadableFile } from "../storage.js";
import { Address } from "./address.js";
import { type Fetch, HttpClient } from "./http-client.js";
import { HttpReader } from "./http-reader.js";
import { type Probe, probe } from "./probe.js";
import { RecentProbes } from "./recent-probes.js";
import { requireTimeout } from "./time-limits.js";

/** Options of {@link HttpStorage}. */
export interface HttpStorageOptions {
  /**
   * Carries out the requests instead of the global `fetch`: to sign them, add a token, retry, or change how answers are
   * cached.
   */
  readonly fetch?: Fetch | undefined;
  /** Headers to send with every request. */
  readonly headers?: HeadersInit | undefined;
  /**
   * Maximum size in bytes of a file that is read whole and kept in memory while it is open. Files are read whole only
   * if the server does not support range requests. Default: 256 MiB.
   */
  readonly maxWholeFileBytes?: number | undefined;
  /**
   * Milliseconds from a request to the headers of its answer; for a `fetch` of yours, retries included. `Infinity` for no
   * limit. Default: 30,000.
   */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * Milliseconds without a byte, after which a body is given up, as is one of which less than 4 KiB come in five times as
   * long. `Infinity` for no limit. Default: 30,000.
   */
  readonly idleTimeoutMs?: number | undefined;
}

const DEFAULT_MAX_WHOLE_FILE = 256 << 20;
const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Reads files over HTTP, in parts and with as few requests as possible. Read-only and without directories: `list`, and
 * operations that would change something, reject with an `UnimplementedError`.
 *
 * | answer | error |
 * | --- | --- |
 * | 404, 410 | `NotFoundError` |
 * | 401, 403 | `PermissionDeniedError` |
 * | none or too slow, a broken connection, 5xx, 408, 429 | `UnavailableError` |
 * | another version of a file that is open | `AbortedError` |
 * | any other unexpected answer | `UnknownError` |
 *
 * Requests are not retried; pass a `fetch` that retries.
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { HttpStorage } from "@tfsaver/storage/http";
 *
 * const storage = new HttpStorage("https://models.example/");
 * const checkpoint = await openCheckpoint("run/model.ckpt-7", { storage });
 * ```
 */
export class HttpStorage extends ReadOnlyStorage {
  readonly #client: HttpClient;
  readonly #recent = new RecentProbes();

  /**
   * @param baseUrl - the folder that all paths, relative or absolute, start in. In a page it may be relative to the
   * page. Its query is sent with every request and never appears in an error.
   * @throws `ValueError` if it is not a URL, or a timeout is not positive.
   */
  constructor(baseUrl: string | URL, options: HttpStorageOptions = {}) {
    super();
    this.#client = new HttpClient(new Address(baseUrl), {
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      headers: options.headers,
      maxWholeFileBytes: options.maxWholeFileBytes ?? DEFAULT_MAX_WHOLE_FILE,
      connectTimeoutMs: requireTimeout("connectTimeoutMs", options.connectTimeoutMs ?? DEFAULT_TIMEOUT_MS),
      idleTimeoutMs: requireTimeout("idleTimeoutMs", options.idleTimeoutMs ?? DEFAULT_TIMEOUT_MS),
    });
  }

  /**
   * Opens a file with one request, or with none directly after `stat`.
   *
   * @throws `ResourceExhaustedError` if the file is too large for a server that does not support range requests.
   */
  async open(path: string, options?: CallOptions): Promise<ReadableFile> {
    throwIfAborted(options?.signal);
    const { head, ...found } = this.#recent.take(path) ?? (await probe(this.#client, path, "content", options));
    return new HttpReader(path, this.#client, { ...found, head: head ?? new Uint8Array() });
  }

  /**
   * Describes a file, with one request. An `open` within ten seconds reuses the result.
   *
   * @returns a `modifiedMs` of 0 if the server does not report the time.
   */
  async stat(path: string, options?: CallOptions): Promise<FileStat | undefined> {
    throwIfAborted(options?.signal);
    let found: Probe;
    try {
      found = await probe(this.#client, path, "size", options);
    } catch (error) {
      if (isCheckpointError(error, "NotFoundError")) return undefined;
      throw error;
    }
    if (found.head !== undefined) this.#recent.add(path, found);
    const modifiedMs = Date.parse(found.version.lastModified ?? "");
    return { kind: "file", size: found.size, modifiedMs: Number.isNaN(modifiedMs) ? 0 : modifiedMs };
  }

  /** @throws `UnimplementedError` always: HTTP has no directories. */
  async list(path: string, options?: CallOptions): Promise<DirectoryEntry[]> {
    throwIfAborted(options?.signal);
    throw new UnimplementedError(`Can't list ${path}: HTTP has no directories`, { path });
  }
}
