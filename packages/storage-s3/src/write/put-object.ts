import { PutObjectCommand } from "@aws-sdk/client-s3";
import { AbortedError, AlreadyExistsError } from "@tfsaver/core";
import { checksumOf } from "../requests/checksum.js";
import { contentTypeOf, head, headOfWrite, newMark } from "../requests/head.js";
import type { Target } from "../requests/target.js";

/** The conditions of a write. */
export interface PutConditions {
  readonly exclusive?: boolean | undefined;
  readonly ifVersion?: string | undefined;
}

/**
 * Writes an object with one request.
 *
 * @param atomically - false if the server ignores conditions: they are then looked at before, not in the same step
 * @returns its version
 * @throws `AlreadyExistsError` or `AbortedError` if a condition does not hold.
 */
export async function putObject(
  target: Target,
  bytes: Uint8Array,
  { exclusive = false, ifVersion }: PutConditions,
  atomically: boolean,
): Promise<string> {
  const { requests, path, key, signal } = target;
  const isConditional = exclusive || ifVersion !== undefined;
  if (isConditional && !atomically) {
    const found = await head(target);
    if (exclusive ? found !== undefined : found?.ETag !== ifVersion) throw unmet(path, exclusive);
  }
  const mark = isConditional && atomically ? newMark() : undefined;
  const command = {
    ...{ Bucket: requests.bucket, Key: key, Body: bytes, ...(await checksumOf(bytes, requests.client)) },
    ...(mark && { ContentType: contentTypeOf(mark) }),
    ...(mark && exclusive && { IfNoneMatch: "*" }),
    ...(mark && !exclusive && { IfMatch: ifVersion }),
  };
  const { ETag = "" } = await requests.run<{ readonly ETag?: string | undefined }>(
    { name: "PutObject", path, key, signal, bytes: bytes.length },
    (attempt) => requests.client.send(new PutObjectCommand(command), attempt),
    async (failure, mayBeDone) => {
      if (mark === undefined || !(failure.isUnmet || failure.isMissing)) return undefined;
      // What is in the way may be what an attempt wrote whose answer got lost.
      const written = mayBeDone ? await headOfWrite(target, mark) : undefined;
      if (written === undefined) throw unmet(path, exclusive);
      return written;
    },
  );
  return ETag;
}

function unmet(path: string, exclusive: boolean): AlreadyExistsError | AbortedError {
  return exclusive ? alreadyExists(path) : changed(path);
}

/** Makes the error for a file that is no longer in the state that was seen. */
export function changed(path: string): AbortedError {
  return new AbortedError(`${path} was changed or removed meanwhile`, { path });
}

/** Makes the error for an exclusive write of what is there. */
export function alreadyExists(path: string): AlreadyExistsError {
  return new AlreadyExistsError(`${path}; File exists`, { path });
}
