import { ListMultipartUploadsCommand, type ListMultipartUploadsCommandOutput } from "@aws-sdk/client-s3";
import { NotFoundError, throwIfAborted } from "@tfsaver/core";
import { type CallOptions, joinPath, type UnfinishedFile, type UnfinishedFiles } from "@tfsaver/storage";
import type { Address } from "../address.js";
import { headOfWrite } from "../requests/head.js";
import type { Requests } from "../requests/requests.js";
import type { Target } from "../requests/target.js";
import { Upload } from "./upload.js";

/**
 * Returns the uploads that were started, by any process, and neither completed nor aborted. Their tickets are the ids of uploads.
 */
export function unfinishedUploads(requests: Requests, address: Address): UnfinishedFiles {
  const targetOf = (path: string, { signal }: CallOptions = {}): Target => {
    throwIfAborted(signal);
    return { requests, path, key: address.fileKey(path), signal };
  };
  return {
    list: (directory, options) => listUploads(requests, address, directory, options),
    finish: async (path, { ticket, mark }, options) => {
      const target = targetOf(path, options);
      const upload = new Upload(target, ticket);
      const parts = await upload.parts();
      if (parts === undefined) throw ended(path);
      await upload.complete(parts, false, async (failure, mayBeDone) => {
        if (!failure.isMissing) return false;
        if (mayBeDone && (await headOfWrite(target, mark)) !== undefined) return true;
        throw ended(path);
      });
    },
    stateOf: async (path, { ticket, mark }, options) => {
      const target = targetOf(path, options);
      if (await new Upload(target, ticket).isWaiting()) return "waiting";
      return (await headOfWrite(target, mark)) === undefined ? "gone" : "finished";
    },
    abandon: async (path, ticket, options) => {
      if (!(await new Upload(targetOf(path, options), ticket).abort())) throw ended(path);
    },
  };
}

async function listUploads(
  requests: Requests,
  address: Address,
  directory: string,
  { signal }: CallOptions = {},
): Promise<UnfinishedFile[]> {
  const key = address.directoryKey(directory);
  const start = address.startOf(key);
  const files: UnfinishedFile[] = [];
  let page: ListMultipartUploadsCommandOutput | undefined;
  do {
    const command = {
      ...{ Bucket: requests.bucket, Prefix: start, Delimiter: "/" },
      ...{ KeyMarker: page?.NextKeyMarker, UploadIdMarker: page?.NextUploadIdMarker },
    };
    page = await requests.run<ListMultipartUploadsCommandOutput>(
      { name: "ListMultipartUploads", path: directory, key, signal },
      (attempt) => requests.client.send(new ListMultipartUploadsCommand(command), attempt),
    );
    for (const { Key = "", UploadId = "", Initiated } of page.Uploads ?? []) {
      const name = Key.slice(start.length);
      // Some servers ignore the delimiter.
      if (name === "" || name.includes("/")) continue;
      files.push({ path: joinPath(directory, name), ticket: UploadId, startedMs: Initiated?.getTime() ?? 0 });
    }
  } while (page.IsTruncated && page.NextKeyMarker !== undefined);
  return files;
}

function ended(path: string): NotFoundError {
  return new NotFoundError(`${path}: the upload was completed, aborted or dropped already`, { path });
}
