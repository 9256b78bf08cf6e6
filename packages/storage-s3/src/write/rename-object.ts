import {
  type CompletedPart,
  CopyObjectCommand,
  DeleteObjectCommand,
  type HeadObjectCommandOutput,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { NotFoundError } from "@tfsaver/core";
import { head, headOfWrite, newMark } from "../requests/head.js";
import type { Requests } from "../requests/requests.js";
import { changed } from "./put-object.js";
import { MAX_PARTS, Upload, type UploadTarget } from "./upload.js";

/** Bytes of the largest object that is copied with one request (5 GiB). */
const LARGEST_COPY = 5 * 2 ** 30;
/** Bytes that a part of a copy has at least (512 MiB). */
const LEAST_PART = 512 * 2 ** 20;

/**
 * Removes an object.
 *
 * @param ifVersion - its version, for servers that look at conditions of removals
 */
export async function removeObject(requests: Requests, path: string, key: string, ifVersion?: string): Promise<void> {
  const command = { Bucket: requests.bucket, Key: key, ...(ifVersion !== undefined && { IfMatch: ifVersion }) };
  await requests.run(
    { name: "DeleteObject", path, key },
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
export async function renameObject(requests: Requests, from: Named, to: Named): Promise<void> {
  const found = await head(requests, from.path, from.key);
  if (found === undefined) throw new NotFoundError(`${from.path}; No such file or directory`, { path: from.path });
  if (from.key === to.key) return;
  if ((found.ContentLength ?? 0) > LARGEST_COPY) await copyInParts(requests, from, to, found);
  else await copyAtOnce(requests, from, to, found);
  await removeObject(requests, from.path, from.key);
}

interface Named {
  readonly path: string;
  readonly key: string;
}

async function copyAtOnce(requests: Requests, from: Named, to: Named, { ETag }: HeadObjectCommandOutput) {
  const command = {
    Bucket: requests.bucket,
    Key: to.key,
    CopySource: sourceOf(requests, from),
    CopySourceIfMatch: ETag,
  };
  await requests.run(
    { name: "CopyObject", path: to.path, key: to.key, isSlow: true },
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

async function copyInParts(requests: Requests, from: Named, to: Named, source: HeadObjectCommandOutput) {
  const { ContentLength: size = 0, ETag } = source;
  const target: UploadTarget = { requests, ...to };
  const mark = newMark();
  const upload = await Upload.start(target, mark);
  try {
    const parts: CompletedPart[] = [];
    const step = Math.max(LEAST_PART, Math.ceil(size / MAX_PARTS));
    for (let start = 0, PartNumber = 1; start < size; start += step, PartNumber++) {
      const command = {
        ...{ Bucket: requests.bucket, Key: to.key, UploadId: upload.id, PartNumber },
        ...{ CopySource: sourceOf(requests, from), CopySourceIfMatch: ETag },
        CopySourceRange: `bytes=${start}-${Math.min(start + step, size) - 1}`,
      };
      const { CopyPartResult = {} } = await requests.run(
        { name: "UploadPartCopy", ...to, isSlow: true },
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
      async (failure, mayBeDone) =>
        failure.isMissing && mayBeDone && (await headOfWrite(requests, to.path, to.key, mark)) !== undefined,
    );
  } catch (error) {
    await upload.abort().catch(() => undefined);
    throw error;
  }
}

function sourceOf(requests: Requests, { key }: Named): string {
  return [requests.bucket, ...key.split("/")].map(encodeURIComponent).join("/");
}
