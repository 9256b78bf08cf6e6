import { HeadObjectCommand, type HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import type { Target } from "./target.js";

/*
 * A write may have a mark, by which its result is recognized if the answer got lost. It stands in the type of the content, as a
 * parameter: a page sees that of every object, but metadata only if the bucket says so.
 */
const TYPE = "application/octet-stream; tfsaver-write=";

/** Returns a mark that no other write has. */
export function newMark(): string {
  return crypto.randomUUID();
}

/** Returns the type of the content of an object with a mark. */
export function contentTypeOf(mark: string): string {
  return TYPE + mark;
}

/** Describes an object; undefined if there is none. */
export async function head({ requests, path, key, signal }: Target): Promise<HeadObjectCommandOutput | undefined> {
  const found = await requests.run<HeadObjectCommandOutput | "missing">(
    { name: "HeadObject", path, key, signal },
    (attempt) => requests.client.send(new HeadObjectCommand({ Bucket: requests.bucket, Key: key }), attempt),
    (failure) => (failure.isMissing ? "missing" : undefined),
  );
  return found === "missing" ? undefined : found;
}

/** Returns the object if it is the result of the write with this mark. */
export async function headOfWrite(target: Target, mark: string): Promise<HeadObjectCommandOutput | undefined> {
  const found = await head(target);
  return found?.ContentType === contentTypeOf(mark) ? found : undefined;
}
