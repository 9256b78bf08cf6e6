import { CheckpointError, throwIfAborted } from "@tfsaver/core";
import { type RetryOptions, retrying } from "@tfsaver/storage/remote";
import type { Address } from "../address.js";
import { errorOf, Failure, failureOf } from "./failure.js";
import type { S3ClientLike, TypedClient } from "./s3-client.js";
import { Watch } from "./watch.js";

/** Bytes that a connection takes in a millisecond at least (1 Mbit/s). */
const SLOWEST_BYTES_PER_MS = 128;
/** Copying and putting together take long, without a byte on the way. */
const SLOW_FACTOR = 10;

/** A request, for messages and limits. */
export interface RequestInfo {
  /** Its name in the protocol, such as `GetObject`. */
  readonly name: string;
  /** The path as the caller of the storage gave it, for messages. */
  readonly path: string;
  readonly key: string;
  readonly signal?: AbortSignal | undefined;
  /** Bytes to send. Default: none. */
  readonly bytes?: number | undefined;
  /** True if the server may work for minutes before it answers. Default: false. */
  readonly isSlow?: boolean | undefined;
}

/** What an attempt gets. */
export interface Attempt {
  /** Passed to the client: aborted if the caller gives up, or the server is silent for too long. */
  readonly abortSignal: AbortSignal;
  /** Called for each piece of the answer. */
  readonly progress: () => void;
}

/**
 * Decides about a failure that no other attempt can mend. Returns a result, throws, or returns undefined for the usual error.
 *
 * @param mayBeDone - true if one of the attempts may have been carried out though it failed
 */
export type Settle<T> = (failure: Failure, mayBeDone: boolean) => Promise<T | undefined> | T | undefined;

/** Options of {@link Requests}. */
export interface RequestOptions extends RetryOptions {
  readonly timeoutMs: number;
}

/** Sends requests: with limits of time, retries, and this library's errors. */
export class Requests {
  readonly client: TypedClient;

  constructor(
    client: S3ClientLike,
    private readonly address: Address,
    private readonly options: RequestOptions,
  ) {
    this.client = client as TypedClient;
  }

  /** Bucket of all requests. */
  get bucket(): string {
    return this.address.bucket;
  }

  /** Runs a request until it succeeds, fails for good, or has failed too often. */
  async run<T>(request: RequestInfo, attempt: (attempt: Attempt) => Promise<T>, settle?: Settle<T>): Promise<T> {
    let mayBeDone = false;
    const once = async () => {
      throwIfAborted(request.signal);
      try {
        return await this.#watched(request, attempt);
      } catch (error) {
        if (error instanceof CheckpointError) throw error;
        throwIfAborted(request.signal);
        const failure = failureOf(error, await this.#secrets(error));
        mayBeDone ||= failure.mayBeDone;
        throw failure;
      }
    };
    try {
      return await retrying(
        once,
        (error) => error instanceof Failure && error.isTransient,
        this.options,
        request.signal,
      );
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const settled = await settle?.(error, mayBeDone);
      if (settled !== undefined) return settled;
      throw errorOf(error, request.path, `${request.name} ${this.address.urlOf(request.key)}`);
    }
  }

  async #watched<T>(request: RequestInfo, attempt: (attempt: Attempt) => Promise<T>): Promise<T> {
    const { signal, bytes = 0, isSlow = false } = request;
    const limitMs = this.options.timeoutMs * (isSlow ? SLOW_FACTOR : 1) + bytes / SLOWEST_BYTES_PER_MS;
    const giveUp = new AbortController();
    const abortSignal = signal ? AbortSignal.any([signal, giveUp.signal]) : giveUp.signal;
    let watch: Watch | undefined;
    const silence = new Promise<never>((_, reject) => {
      watch = new Watch(limitMs, () => {
        giveUp.abort();
        reject(new Failure(`no answer within ${Math.ceil(limitMs)} ms (timeoutMs)`, { code: "TimeoutError" }));
      });
    });
    try {
      return await Promise.race([attempt({ abortSignal, progress: () => watch?.progress() }), silence]);
    } finally {
      watch?.stop();
    }
  }

  /** Returns what must not be in a message. */
  async #secrets(error: unknown): Promise<string[]> {
    const { credentials } = this.client.config as { readonly credentials?: unknown };
    if (typeof credentials !== "function" || (error as Error).name === "CredentialsProviderError") return [];
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials().catch(() => ({}));
    return [secretAccessKey, sessionToken, accessKeyId].filter((secret) => typeof secret === "string" && secret !== "");
  }
}
