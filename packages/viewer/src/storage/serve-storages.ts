import { FailedPreconditionError } from "@tfsaver/core";
import { canonicalPath, type ReadableFile, type Storage } from "@tfsaver/storage";
import { serve, transferring } from "../rpc/index.js";
import type { StorageContract } from "./storage-contract.js";

/**
 * Lets a worker read from storages of the page.
 *
 * @param port - leads to the worker
 * @param storageOf - returns the storage of a number
 */
export function serveStorages(port: MessagePort, storageOf: (source: number) => Storage): void {
  const files = new Map<number, ReadableFile>();
  let last = 0;
  serve<StorageContract>(port, {
    open: async ({ source, path }, options) => {
      const file = await storageOf(source).open(path, options);
      files.set(++last, file);
      return { file: last, size: file.size };
    },
    read: async ({ file, offset, length }, options) => {
      const open = files.get(file);
      if (open === undefined) throw new FailedPreconditionError(`File ${file} is closed`);
      const bytes = new Uint8Array(length);
      await open.readInto(offset, [bytes], options);
      return transferring(bytes.buffer, [bytes.buffer]);
    },
    close: async ({ file }) => {
      const open = files.get(file);
      files.delete(file);
      await open?.close();
    },
    stat: ({ source, path }, options) => storageOf(source).stat(path, options),
    list: ({ source, path }, options) => storageOf(source).list(path, options),
    canonical: ({ source, path }) => canonicalPath(storageOf(source), path),
  });
}
