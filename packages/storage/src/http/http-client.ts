import {
  CheckpointError,
  NotFoundError,
  PermissionDeniedError,
  ResourceExhaustedError,
  throwIfAborted,
  UnavailableError,
  UnknownError,
} from "@tfsaver/core";
import { parseContentRange } from "../remote/content-range.js";
import type { CallOptions } from "../storage.js";
import { type Address, withoutSecrets } from "./address.js";
import { type BodyOf, discard, fill, readUpTo } from "./response-body.js";
import { within } from "./time-limits.js";

/** The part of `fetch` that is used: carries out a request. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Bytes of a file, from `start` up to but not including `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A server's answer to a request for a range. Its body has yet to be read or discarded. */
export interface Answer {
  readonly response: Response;
  /**
   * `part`: the requested bytes, up to the end of the file. `whole`: the whole file, because the server cannot send
   * parts. `nothing`: the file ends before the range.
   */
  readonly kind: "part" | "whole" | "nothing";
  /** Size of the whole file in bytes; `undefined` if the answer does not report it. */
  readonly total: number | undefined;
}

/** Options of {@link HttpClient}, as those of `HttpStorage`. */
export interface HttpClientOptions {
  readonly fetch: Fetch;
  readonly headers: HeadersInit | undefined;
  readonly maxWholeFileBytes: number;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** Sends requests, and turns every unexpected answer into an error. */
export class HttpClient {
  constructor(
    private readonly address: Address,
    private readonly options: HttpClientOptions,
  ) {}

  /** Requests a range of bytes. */
  async range(path: string, range: ByteRange, options?: CallOptions): Promise<Answer> {
    const { start, end } = range;
    // Offsets refer to the uncompressed file; `fetch` itself asks the server not to compress ranges.
    const response = await this.#send(path, "GET", { Range: `bytes=${start}-${end - 1}` }, options);
    const contentRange = parseContentRange(response.headers.get("Content-Range"));
    switch (response.status) {
      case 200:
        return { response, kind: "whole", total: wholeLength(response) };
      case 206:
        this.#requireIdentity(path, response);
        if (contentRange !== undefined) this.#requireRange(path, range, response, contentRange);
        return { response, kind: "part", total: contentRange?.total };
      case 416:
        discard(response);
        return { response, kind: "nothing", total: contentRange?.total };
      default:
        throw this.#failure(path, response);
    }
  }

  /** Requests the size of a file with HEAD; `undefined` if the server does not report it. */
  async size(path: string, options?: CallOptions): Promise<number | undefined> {
    const response = await this.#send(path, "HEAD", { "Accept-Encoding": "identity" }, options);
    discard(response);
    return response.status === 200 ? wholeLength(response) : undefined;
  }

  /**
   * Fills the targets with the body of an answer.
   *
   * @throws `UnknownError` if its length differs.
   */
  async fill(path: string, targets: readonly Uint8Array[], response: Response, options?: CallOptions): Promise<void> {
    const difference = await fill(targets, response, this.bodyOf(path), options);
    if (difference === 0) return;
    throw this.#wrongAnswer(path, difference < 0 ? `${-difference} bytes are missing` : "it has too many bytes");
  }

  /**
   * Reads an answer that is a whole file.
   *
   * @throws `ResourceExhaustedError` if it is larger than `maxWholeFileBytes`.
   */
  async whole(path: string, response: Response, options?: CallOptions): Promise<Uint8Array> {
    const length = wholeLength(response);
    const limit = this.options.maxWholeFileBytes;
    const tooLarge = length !== undefined && length > limit;
    if (tooLarge) discard(response);
    const bytes = tooLarge ? undefined : await readUpTo(limit, response, this.bodyOf(path), options);
    if (bytes === undefined) {
      const excess = length === undefined ? "it exceeds" : `its ${length} bytes exceed`;
      throw new ResourceExhaustedError(
        `${path}: ${excess} maxWholeFileBytes (${limit}), but ${this.url(path)} can only be read whole, ` +
          "because its server does not support range requests",
        { path },
      );
    }
    if (length !== undefined && length !== bytes.length) {
      throw this.#wrongAnswer(path, `it has ${bytes.length} bytes instead of ${length}`);
    }
    return bytes;
  }

  /** Formats the URL of a path for messages. */
  url(path: string): string {
    return withoutSecrets(this.address.of(path));
  }

  /** Returns what a body of this path belongs to. */
  bodyOf(path: string): BodyOf {
    return { path, url: this.url(path), idleTimeoutMs: this.options.idleTimeoutMs };
  }

  async #send(
    path: string,
    method: string,
    extra: Readonly<Record<string, string>>,
    options: CallOptions | undefined,
  ): Promise<Response> {
    const url = this.address.of(path);
    const { connectTimeoutMs } = this.options;
    const headers = new Headers(this.options.headers);
    for (const [name, value] of Object.entries(extra)) headers.set(name, value);
    throwIfAborted(options?.signal);
    const giveUp = new AbortController();
    const signal = options?.signal ? AbortSignal.any([options.signal, giveUp.signal]) : giveUp.signal;
    try {
      const answer = this.options.fetch(url.href, { method, headers, signal });
      return await within(connectTimeoutMs, answer, () => {
        giveUp.abort();
        // A `fetch` that does not heed the signal may still answer.
        answer.then(discard, () => undefined);
        return new UnavailableError(
          `${path}: no answer from ${withoutSecrets(url)} within ${connectTimeoutMs} ms (connectTimeoutMs). ` +
            "Try again, or raise the limit",
          { path },
        );
      });
    } catch (cause) {
      throwIfAborted(options?.signal);
      if (cause instanceof CheckpointError) throw cause;
      throw new UnavailableError(`${path}: no answer from ${withoutSecrets(url)}: ${reasonOf(cause)}`, { path, cause });
    }
  }

  #requireIdentity(path: string, response: Response): void {
    if (isPlain(response)) return;
    discard(response);
    const encoding = response.headers.get("Content-Encoding");
    throw this.#wrongAnswer(path, `a part of a file must not be compressed (Content-Encoding: ${encoding})`);
  }

  #requireRange(
    path: string,
    wanted: ByteRange,
    response: Response,
    { sent, total }: { readonly sent?: ByteRange; readonly total?: number },
  ): void {
    const end = Math.min(wanted.end, total ?? wanted.end);
    if (sent?.start === wanted.start && sent.end === end) return;
    discard(response);
    const range = response.headers.get("Content-Range");
    throw this.#wrongAnswer(path, `it has not the bytes ${wanted.start} to ${end - 1} (Content-Range: ${range})`);
  }

  #failure(path: string, response: Response): CheckpointError {
    discard(response);
    const { status, statusText } = response;
    const message = `${path}: HTTP ${status}${statusText === "" ? "" : ` ${statusText}`} from ${this.url(path)}`;
    if (status === 404 || status === 410) {
      return new NotFoundError(`${path}; No such file or directory (HTTP ${status} from ${this.url(path)})`, { path });
    }
    if (status === 401) return new PermissionDeniedError(message, { path });
    if (status === 403) {
      return new PermissionDeniedError(
        `${message}. The file may be missing: a store that you may not list answers so for every missing file. ` +
          "Check the path, and the permissions to read and to list",
        { path },
      );
    }
    if (status >= 500 || status === 408 || status === 429) return new UnavailableError(message, { path });
    return new UnknownError(message, { path });
  }

  #wrongAnswer(path: string, fault: string): UnknownError {
    return new UnknownError(`${path}: invalid answer from ${this.url(path)}: ${fault}`, { path });
  }
}

/** True if a body is not compressed. */
function isPlain({ headers }: Response): boolean {
  return (headers.get("Content-Encoding") ?? "identity").toLowerCase() === "identity";
}

/** Returns the size of the file that a body contains whole; `undefined` if the headers do not report it. */
function wholeLength(response: Response): number | undefined {
  const length = response.headers.get("Content-Length");
  return isPlain(response) && length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
}

/** Returns why a request failed. The message of `fetch` says only that it did; that of its cause says why. */
function reasonOf(error: unknown): string {
  const { cause } = Object(error) as { readonly cause?: unknown };
  // The error of several addresses that all refuse has only a code.
  const { message, code } = Object(cause) as { readonly message?: string; readonly code?: string };
  return message || code || String(error);
}
