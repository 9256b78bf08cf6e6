import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { FailedPreconditionError, ResourceExhaustedError, UnavailableError } from "@tfsaver/core";
import { checksumOf, sendsChecksums } from "../requests/checksum.js";
import type { Failure } from "../requests/failure.js";
import { contentTypeOf } from "../requests/head.js";
import type { Target } from "../requests/target.js";

/** Most parts of an upload. */
export const MAX_PARTS = 10_000;

/** An upload in parts. The object appears when it is completed. */
export class Upload {
  #lastPart = 0;

  constructor(
    private readonly target: Target,
    /** Names the upload, also to other processes. */
    readonly id: string,
  ) {}

  /** Starts an upload of an object with this mark. */
  static async start(target: Target, mark: string): Promise<Upload> {
    const { requests, path, key, signal } = target;
    const { client, bucket } = requests;
    const checksums = (await sendsChecksums(client)) ? ({ ChecksumAlgorithm: "CRC32C" } as const) : {};
    const { UploadId = "" } = await requests.run({ name: "CreateMultipartUpload", path, key, signal }, (attempt) =>
      client.send(
        new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ContentType: contentTypeOf(mark), ...checksums }),
        attempt,
      ),
    );
    return new Upload(target, UploadId);
  }

  /**
   * Sends the next part. Its memory must not change meanwhile. Parts may be sent side by side.
   *
   * @throws `ResourceExhaustedError` if there are too many.
   */
  async send(bytes: Uint8Array, signal: AbortSignal): Promise<CompletedPart> {
    const { requests, path, key } = this.target;
    const { client, bucket } = requests;
    const PartNumber = ++this.#lastPart;
    if (PartNumber > MAX_PARTS) throw tooLarge(path, bytes.length);
    const checksum = await checksumOf(bytes, client);
    const part = { Bucket: bucket, Key: key, UploadId: this.id, PartNumber, Body: bytes, ...checksum };
    const info = { name: "UploadPart", path, key, signal, bytes: bytes.length };
    const { ETag } = await requests.run(info, (attempt) => client.send(new UploadPartCommand(part), attempt));
    return { PartNumber, ETag, ...checksum };
  }

  /** Tells if the upload has neither been completed nor aborted. */
  async isWaiting(): Promise<boolean> {
    return (await this.#listParts({ MaxParts: 1 })) !== "ended";
  }

  /** Returns the parts that were sent by any process; undefined if the upload has ended. */
  async parts(): Promise<CompletedPart[] | undefined> {
    const parts: CompletedPart[] = [];
    let PartNumberMarker: string | undefined;
    do {
      const page = await this.#listParts({ PartNumberMarker });
      if (page === "ended") return undefined;
      for (const { PartNumber, ETag, ChecksumCRC32C } of page.Parts ?? [])
        parts.push({ PartNumber, ETag, ...(ChecksumCRC32C !== undefined && { ChecksumCRC32C }) });
      PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
    } while (PartNumberMarker !== undefined);
    return parts;
  }

  async #listParts(which: { readonly MaxParts?: number; readonly PartNumberMarker?: string | undefined }) {
    const { requests, path, key, signal } = this.target;
    const command = { Bucket: requests.bucket, Key: key, UploadId: this.id, ...which };
    return requests.run<PartsPage | "ended">(
      { name: "ListParts", path, key, signal },
      (attempt) => requests.client.send(new ListPartsCommand(command), attempt),
      (failure) => (failure.isMissing ? "ended" : undefined),
    );
  }

  /**
   * Completes the upload: the object appears, and replaces any of its key.
   *
   * @param settle - decides if the upload has ended, or the object exists; see `Requests.run`
   */
  async complete(
    parts: readonly CompletedPart[],
    exclusive: boolean,
    settle: (failure: Failure, mayBeDone: boolean) => Promise<boolean>,
  ): Promise<void> {
    const { requests, path, key, signal } = this.target;
    if (parts.length === 0)
      throw new FailedPreconditionError(`${path}: nothing was sent of the upload ${this.id}`, { path });
    const command = {
      ...{ Bucket: requests.bucket, Key: key, UploadId: this.id },
      ...(exclusive && { IfNoneMatch: "*" }),
      MultipartUpload: { Parts: [...parts].sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0)) },
    };
    await requests.run(
      { name: "CompleteMultipartUpload", path, key, signal, isSlow: true },
      async (attempt) => {
        await requests.client.send(new CompleteMultipartUploadCommand(command), attempt);
        return true;
      },
      async (failure, mayBeDone) => {
        if (await settle(failure, mayBeDone)) return true;
        if (!failure.isMissing || !mayBeDone) return undefined;
        throw new UnavailableError(
          `${path}: the upload was ended by a CompleteMultipartUpload whose answer got lost, or by another process. ` +
            "Look whether the file is there",
          { path },
        );
      },
    );
  }

  /** Drops the upload. Returns false if it has ended. */
  async abort(): Promise<boolean> {
    const { requests, path, key, signal } = this.target;
    return requests.run(
      { name: "AbortMultipartUpload", path, key, signal },
      async (attempt) => {
        const command = { Bucket: requests.bucket, Key: key, UploadId: this.id };
        await requests.client.send(new AbortMultipartUploadCommand(command), attempt);
        return true;
      },
      // A lost answer may have been that it is dropped.
      (failure, mayBeDone) => (failure.isMissing ? mayBeDone : undefined),
    );
  }
}

/** Makes the error for a file of more than {@link MAX_PARTS} parts. */
export function tooLarge(path: string, partSize: number): ResourceExhaustedError {
  return new ResourceExhaustedError(
    `${path} is too large: an object has ${MAX_PARTS} parts at most, here of ${partSize} bytes (partSize). Save in ` +
      "more shards, or give S3Storage a larger partSize",
    { path },
  );
}

interface PartsPage {
  readonly Parts?: readonly CompletedPart[] | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly NextPartNumberMarker?: string | undefined;
}
