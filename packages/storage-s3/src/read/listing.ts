import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { NotFoundError } from "@tfsaver/core";
import type { DirectoryEntry, ListOptions } from "@tfsaver/storage";
import type { Address } from "../address.js";
import type { Target } from "../requests/target.js";

/** Lists a directory, page by page. */
export async function listDirectory(
  directory: Target,
  address: Address,
  { startsWith = "" }: ListOptions = {},
): Promise<DirectoryEntry[]> {
  const { path, key } = directory;
  const start = address.startOf(key);
  const entries: DirectoryEntry[] = [];
  let isThere = address.isRoot(key);
  let token: string | undefined;
  do {
    const {
      Contents = [],
      CommonPrefixes = [],
      ...page
    } = await listPage(directory, {
      Prefix: start + startsWith,
      Delimiter: "/",
      ContinuationToken: token,
    });
    isThere ||= Contents.length + CommonPrefixes.length > 0;
    for (const { Key = "" } of Contents) addEntry(entries, Key.slice(start.length), "file");
    for (const { Prefix = "" } of CommonPrefixes) addEntry(entries, Prefix.slice(start.length, -1), "directory");
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  isThere ||= startsWith !== "" && (await hasFiles(directory, address));
  if (!isThere) throw new NotFoundError(`${path}; No such file or directory`, { path });
  return entries;
}

/** True if there is a file in a directory or below it. */
export async function hasFiles(directory: Target, address: Address): Promise<boolean> {
  const { Contents = [] } = await listPage(directory, { Prefix: address.startOf(directory.key), MaxKeys: 1 });
  return Contents.length > 0;
}

/** Leaves out the object that stands for the directory itself, and what no path can name. */
function addEntry(entries: DirectoryEntry[], name: string, kind: DirectoryEntry["kind"]): void {
  if (name !== "" && name !== "." && name !== "..") entries.push({ name, kind });
}

interface PageRequest {
  readonly Prefix: string;
  readonly Delimiter?: string;
  readonly MaxKeys?: number;
  readonly ContinuationToken?: string | undefined;
}

function listPage({ requests, path, key, signal }: Target, page: PageRequest) {
  return requests.run({ name: "ListObjectsV2", path, key, signal }, (attempt) =>
    requests.client.send(new ListObjectsV2Command({ Bucket: requests.bucket, ...page }), attempt),
  );
}
