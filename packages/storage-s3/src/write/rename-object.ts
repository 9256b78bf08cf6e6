import {
  type CompletedPart,
  CopyObjectCommand,
  DeleteObjectCommand,
  type HeadObjectCommandOutput,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { NotFoundError } from "@tfsaver/core";
import { head, headOfWrite, newMark } from "../requests/head.js";
import type { Target } from "../requests/target.js";
import { changed } from "./put-object.js";
import { MAX_PARTS, Upload } from "./upload.js";

/** Bytes of the largest object that is copied with one request (5 GiB). */
const LARGEST_COPY = 5 * 2 ** 30;
/** Bytes that a part of a copy has at least (512 MiB). */
const LEAST_PART = 512 * 2 ** 20;

/**
 * Removes an object.
 *
 * @param ifVersion - its version, for servers that look at conditions of removals
 */
export async function removeObject({ requests, path, key, signal }: Target, ifVersion?: string): Promise<void> {
  const command = { Bucket: requests.bucket, Key: key, ...(ifVersion !== undefined && { IfMatch: ifVersion }) };
  await requests.run(
    { name: "DeleteObject", path, key, signal },
    async (attempt) => {
      await requests.client.send(new DeleteObjectCommand(command), attempt);
      return true;
    },
    (failure, mayBeDone) => {
      if (failure.isMissing) return mayBeDone || ifVersion === undefined ? true : undefined;
      if (failure.isUnmet) throw changed(path);
      return undefined;
    },
  );
}

/** Copies an object within the store, then removes the old one. */
export async function renameObject(from: Target, to: Target): Promise<void> {
  const found = await head(from);
  if (found === undefined) throw new NotFoundError(`${from.path}; No such file or directory`, { path: from.path });
  if (from.key === to.key) return;
  if ((found.ContentLength ?? 0) > LARGEST_COPY) await copyInParts(from, to, found);
  else await copyAtOnce(from, to, found);
  await removeObject(from);
}

async function copyAtOnce(from: Target, { requests, path, key, signal }: Target, { ETag }: HeadObjectCommandOutput) {
  const command = { Bucket: requests.bucket, Key: key, CopySource: sourceOf(from), CopySourceIfMatch: ETag };
  await requests.run(
    { name: "CopyObject", path, key, signal, isSlow: true },
    async (attempt) => {
      await requests.client.send(new CopyObjectCommand(command), attempt);
      return true;
    },
    (failure) => {
      if (failure.isUnmet || failure.isMissing) throw changed(from.path);
      return undefined;
    },
  );
}

async function copyInParts(from: Target, to: Target, { ContentLength: size = 0, ETag }: HeadObjectCommandOutput) {
  const { requests, path, key, signal } = to;
  const mark = newMark();
  const upload = await Upload.start(to, mark);
  try {
    const parts: CompletedPart[] = [];
    const step = Math.max(LEAST_PART, Math.ceil(size / MAX_PARTS));
    for (let start = 0, PartNumber = 1; start < size; start += step, PartNumber++) {
      const command = {
        ...{ Bucket: requests.bucket, Key: key, UploadId: upload.id, PartNumber },
        ...{ CopySource: sourceOf(from), CopySourceIfMatch: ETag },
        CopySourceRange: `bytes=${start}-${Math.min(start + step, size) - 1}`,
      };
      const { CopyPartResult = {} } = await requests.run(
        { name: "UploadPartCopy", path, key, signal, isSlow: true },
        (attempt) => requests.client.send(new UploadPartCopyCommand(command), attempt),
        (failure) => {
          if (failure.isUnmet) throw changed(from.path);
          return undefined;
        },
      );
      parts.push({ PartNumber, ETag: CopyPartResult.ETag, ChecksumCRC32C: CopyPartResult.ChecksumCRC32C });
    }
    await upload.complete(
      parts,
      false,
      async (failure, mayBeDone) => failure.isMissing && mayBeDone && (await headOfWrite(to, mark)) !== undefined,
    );
  } catch (error) {
    // Best effort: the original error is reported. The signal must not keep the parts in the store.
    await new Upload({ requests, path, key }, upload.id).abort().catch(() => undefined);
    throw error;
  }
}

function sourceOf({ requests, key }: Target): string {
  return [requests.bucket, ...key.split("/")].map(encodeURIComponent).join("/");
}
