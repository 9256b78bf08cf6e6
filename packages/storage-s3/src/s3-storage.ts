import { GetObjectCommand } from "@aws-sdk/client-s3";
import {
  FailedPreconditionError,
  NotFoundError,
  ResourceExhaustedError,
  requireKnown,
  throwIfAborted,
  ValueError,
} from "@tfsaver/core";
import type {
  CallOptions,
  CreateOptions,
  DirectoryEntry,
  FileStat,
  GetOptions,
  ListOptions,
  OpenOptions,
  PutOptions,
  ReadableFile,
  RemoveOptions,
  Storage,
  StorageCapabilities,
  UnfinishedFiles,
  WholeFile,
  WritableFile,
} from "@tfsaver/storage";
import type { RetryOptions } from "@tfsaver/storage/remote";
import { Address } from "./address.js";
import { discard, fill } from "./read/body.js";
import { hasFiles, listDirectory } from "./read/listing.js";
import { openFile, type ReadContext } from "./read/s3-reader.js";
import { head } from "./requests/head.js";
import { Requests } from "./requests/requests.js";
import type { S3ClientLike } from "./requests/s3-client.js";
import { Slots } from "./requests/slots.js";
import type { Target } from "./requests/target.js";
import { alreadyExists, changed, putObject } from "./write/put-object.js";
import { removeObject, renameObject } from "./write/rename-object.js";
import { S3Writer } from "./write/s3-writer.js";
import { unfinishedUploads } from "./write/unfinished-uploads.js";
import { MAX_PARTS, tooLarge } from "./write/upload.js";

/** Options of {@link S3Storage}. */
export interface S3StorageOptions extends RetryOptions {
  /** An `S3Client` of `@aws-sdk/client-s3`. Give it `maxAttempts: 1`: the storage repeats requests itself. */
  readonly client: S3ClientLike;
  /** Name of the bucket, which must exist. */
  readonly bucket: string;
  /** The directory in the bucket that all paths start in; nothing leads out of it. Default: the whole bucket. */
  readonly prefix?: string | undefined;
  /**
   * Bytes of each part of a large file, from 5 MiB to 5 GiB. A file of at most one part is sent with one request. A file has
   * 10,000 parts at most: 156 GiB of the default. Default: 16 MiB.
   */
  readonly partSize?: number | undefined;
  /**
   * Number of parts in memory at the same time, the one that is being filled included. Twice as many ranges are read at the
   * same time, without memory of their own. Default: 4.
   */
  readonly concurrency?: number | undefined;
  /**
   * False for servers that ignore `If-None-Match` and `If-Match`. Conditions are then looked at before the write, so of two
   * writers at the same time both may succeed, and the storage has not the capability `exclusiveCreate`. Default: true.
   */
  readonly conditionalWrites?: boolean | undefined;
  /**
   * Milliseconds that a server may be silent before the request is sent again. Ten times as long where the server has to copy
   * or put together a file, and longer where much is sent. Default: 30,000.
   */
  readonly timeoutMs?: number | undefined;
}

const MIB = 2 ** 20;

/**
 * Stores files in a bucket of S3, or of any store that speaks its protocol. Paths are relative to the prefix, or start with
 * `s3://bucket/`.
 *
 * A file appears when it is closed, complete. There are no directories: one is there as long as a file in it is. Failures are
 * repeated, with longer and longer pauses, if they may pass: 5xx, 429, broken connections, and no answer.
 *
 * | answer | error |
 * | --- | --- |
 * | 404 | `NotFoundError` |
 * | 401, 403, no credentials | `PermissionDeniedError` |
 * | a condition of a write does not hold | `AlreadyExistsError`, `AbortedError` |
 * | another version of a file that is open | `AbortedError` |
 * | none, or 5xx, 408, 429, after all attempts | `UnavailableError` |
 * | any other | `UnknownError` |
 *
 * @example
 * ```ts
 * import { S3Client } from "@aws-sdk/client-s3";
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { S3Storage } from "@tfsaver/storage-s3";
 *
 * const client = new S3Client({ region: "eu-central-1", maxAttempts: 1 });
 * const storage = new S3Storage({ client, bucket: "models", prefix: "bert" });
 * const checkpoint = await openCheckpoint("run/model.ckpt-7", { storage });
 * ```
 */
export class S3Storage implements Storage {
  readonly capabilities: StorageCapabilities;
  readonly unfinished: UnfinishedFiles;
  readonly #address: Address;
  readonly #requests: Requests;
  readonly #reading: ReadContext;
  readonly #sending: Slots;
  readonly #partSize: number;
  readonly #conditionalWrites: boolean;

  /** @throws `ValueError` if an option is out of range; `TypeError` for an unknown option. */
  constructor(options: S3StorageOptions) {
    requireKnown("S3Storage", options, OPTIONS);
    const { client, bucket, prefix = "", partSize = 16 * MIB, concurrency = 4 } = options;
    const { conditionalWrites = true, timeoutMs = 30_000 } = options;
    requireWithin("partSize", partSize, 5 * MIB, 5 * 1024 * MIB);
    requireWithin("concurrency", concurrency, 1, 1000);
    if (!(timeoutMs > 0)) throw new ValueError(`timeoutMs must be a positive number of milliseconds, not ${timeoutMs}`);
    this.#address = new Address(bucket, prefix);
    this.#requests = new Requests(client, this.#address, { ...options, timeoutMs });
    const width = 2 * concurrency;
    this.#reading = { requests: this.#requests, slots: new Slots(width), width };
    // Each file fills a part of its own; these are on their way.
    this.#sending = new Slots(Math.max(1, concurrency - 1));
    this.#partSize = partSize;
    this.#conditionalWrites = conditionalWrites;
    this.unfinished = unfinishedUploads(this.#requests, this.#address);
    this.capabilities = {
      ...{ atomicRename: false, atomicPut: true, fsync: false, rangeReads: true, directories: false },
      exclusiveCreate: conditionalWrites,
    };
  }

  /** Opens a file with one request. A small file is then in memory. */
  async open(path: string, options: OpenOptions = {}): Promise<ReadableFile> {
    return openFile(this.#reading, path, this.#fileAt(path, options).key, options);
  }

  async create(path: string, options: CreateOptions = {}): Promise<WritableFile> {
    const target = this.#fileAt(path, options);
    if ((options.expectedBytes ?? 0) > MAX_PARTS * this.#partSize) throw tooLarge(path, this.#partSize);
    const exclusive = (options.exclusive ?? false) && this.#conditionalWrites;
    if (exclusive && (await head(target)) !== undefined) throw alreadyExists(path);
    // The signal is that of this call.
    const writer = { partSize: this.#partSize, exclusive, slots: this.#sending };
    return new S3Writer({ ...target, signal: undefined }, writer);
  }

  /** Describes a path, with one request for a file, and two for a directory or nothing. */
  async stat(path: string, options: CallOptions = {}): Promise<FileStat | undefined> {
    const target = this.#directoryAt(path, options);
    const isRoot = this.#address.isRoot(target.key);
    const found = isRoot || path.endsWith("/") ? undefined : await head(target);
    if (found !== undefined)
      return {
        ...{ kind: "file", size: found.ContentLength ?? 0, modifiedMs: found.LastModified?.getTime() ?? 0 },
        version: found.ETag,
      };
    const isDirectory = isRoot || (await hasFiles(target, this.#address));
    return isDirectory ? { kind: "directory", size: 0, modifiedMs: 0 } : undefined;
  }

  async list(path: string, options: ListOptions = {}): Promise<DirectoryEntry[]> {
    return listDirectory(this.#directoryAt(path, options), this.#address, options);
  }

  /** Copies within the store and removes, in two steps. */
  async rename(from: string, to: string, options: CallOptions = {}): Promise<void> {
    await renameObject(this.#fileAt(from, options), this.#fileAt(to, options));
  }

  async remove(path: string, options: RemoveOptions = {}): Promise<void> {
    const { ifVersion } = options;
    const target = this.#fileAt(path, options);
    // A removal succeeds whether there is something or not.
    const found = await head(target);
    if (found === undefined) throw new NotFoundError(`${path}; No such file or directory`, { path });
    if (ifVersion !== undefined && found.ETag !== ifVersion) throw changed(path);
    await removeObject(target, this.#conditionalWrites ? ifVersion : undefined);
  }

  /** Does nothing: a directory is there as soon as a file in it is. */
  async createDirectory(path: string, options: CallOptions = {}): Promise<void> {
    this.#directoryAt(path, options);
  }

  /** Does nothing but check that no file is in the directory. */
  async removeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    const target = this.#directoryAt(path, options);
    if (this.#address.isRoot(target.key) || !(await hasFiles(target, this.#address))) return;
    throw new FailedPreconditionError(`${path} is not empty`, { path });
  }

  async syncDirectory(_path: string, options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
  }

  /** Returns the `s3://` URL of a path. */
  async canonical(path: string): Promise<string> {
    return this.#address.urlOf(this.#address.directoryKey(path));
  }

  /** Reads a whole file with one request. Its version is its `ETag`, so files of the same content may have the same one. */
  async get(path: string, options: GetOptions = {}): Promise<WholeFile | undefined> {
    const { maxBytes = Number.POSITIVE_INFINITY, signal } = options;
    const { key } = this.#fileAt(path, options);
    const { client, bucket } = this.#requests;
    const found = await this.#requests.run<WholeFile | "missing">(
      { name: "GetObject", path, key, signal },
      async (attempt) => {
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), attempt);
        const size = answer.ContentLength ?? 0;
        if (size > maxBytes) {
          await discard(answer.Body).catch(() => undefined);
          throw new ResourceExhaustedError(`${path} has ${size} bytes, more than ${maxBytes}`, { path });
        }
        const bytes = new Uint8Array(size);
        await fill([bytes], answer.Body, attempt);
        return { bytes, version: answer.ETag ?? "" };
      },
      (failure) => (failure.isMissing ? "missing" : undefined),
    );
    return found === "missing" ? undefined : found;
  }

  /** Writes a whole file with one request. */
  async put(path: string, bytes: Uint8Array, options: PutOptions = {}): Promise<string> {
    return putObject(this.#fileAt(path, options), bytes, options, this.#conditionalWrites);
  }

  #fileAt(path: string, { signal }: CallOptions): Target {
    throwIfAborted(signal);
    return { requests: this.#requests, path, key: this.#address.fileKey(path), signal };
  }

  #directoryAt(path: string, { signal }: CallOptions): Target {
    throwIfAborted(signal);
    return { requests: this.#requests, path, key: this.#address.directoryKey(path), signal };
  }
}

const OPTIONS = {
  client: true,
  bucket: true,
  prefix: true,
  partSize: true,
  concurrency: true,
  conditionalWrites: true,
  timeoutMs: true,
  maxAttempts: true,
  backoffMs: true,
} as const;

function requireWithin(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new ValueError(`${name} must be a whole number from ${least} to ${most}, not ${value}`);
}
