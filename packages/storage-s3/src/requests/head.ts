import { HeadObjectCommand, type HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import type { Requests } from "./requests.js";

/** Metadata in which a write has a random name, by which its result is recognized if the answer got lost. */
const MARK = "tfsaver-write";

/** Returns a mark that no other write has. */
export function newMark(): string {
  return crypto.randomUUID();
}

/** Returns the metadata of an object with a mark. */
export function metadataOf(mark: string): Record<string, string> {
  return { [MARK]: mark };
}

/** Describes an object; undefined if there is none. */
export async function head(
  requests: Requests,
  path: string,
  key: string,
): Promise<HeadObjectCommandOutput | undefined> {
  const found = await requests.run<HeadObjectCommandOutput | "missing">(
    { name: "HeadObject", path, key },
    (attempt) => requests.client.send(new HeadObjectCommand({ Bucket: requests.bucket, Key: key }), attempt),
    (failure) => (failure.isMissing ? "missing" : undefined),
  );
  return found === "missing" ? undefined : found;
}

/** Returns the object if it is the result of the write with this mark. */
export async function headOfWrite(
  requests: Requests,
  path: string,
  key: string,
  mark: string,
): Promise<HeadObjectCommandOutput | undefined> {
  const found = await head(requests, path, key);
  return found?.Metadata?.[MARK] === mark ? found : undefined;
}
