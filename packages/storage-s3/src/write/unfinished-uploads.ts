import { ListMultipartUploadsCommand, type ListMultipartUploadsCommandOutput } from "@aws-sdk/client-s3";
import { NotFoundError } from "@tfsaver/core";
import { joinPath, type UnfinishedFile, type UnfinishedFiles } from "@tfsaver/storage";
import type { Address } from "../address.js";
import { headOfWrite } from "../requests/head.js";
import type { Requests } from "../requests/requests.js";
import { Upload } from "./upload.js";

/**
 * Returns the uploads that were started, by any process, and neither completed nor aborted. Their tickets are the ids of uploads.
 */
export function unfinishedUploads(requests: Requests, address: Address): UnfinishedFiles {
  const uploadOf = (path: string, ticket: string) => new Upload({ requests, path, key: address.fileKey(path) }, ticket);
  return {
    list: (directory) => listUploads(requests, address, directory),
    finish: async (path, { ticket, mark }) => {
      const upload = uploadOf(path, ticket);
      const parts = await upload.parts();
      if (parts === undefined) throw ended(path);
      await upload.complete(parts, false, async (failure, mayBeDone) => {
        if (!failure.isMissing) return false;
        if (mayBeDone && (await headOfWrite(requests, path, address.fileKey(path), mark)) !== undefined) return true;
        throw ended(path);
      });
    },
    stateOf: async (path, { ticket, mark }) => {
      if (await uploadOf(path, ticket).isWaiting()) return "waiting";
      const written = await headOfWrite(requests, path, address.fileKey(path), mark);
      return written === undefined ? "gone" : "finished";
    },
    abandon: async (path, ticket) => {
      if (!(await uploadOf(path, ticket).abort())) throw ended(path);
    },
  };
}

async function listUploads(requests: Requests, address: Address, directory: string): Promise<UnfinishedFile[]> {
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
      { name: "ListMultipartUploads", path: directory, key },
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
