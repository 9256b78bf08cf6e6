import { ResourceExhaustedError } from "@tfsaver/core";
import type { CallOptions, ReadableFile } from "@tfsaver/storage";
import type { FileEntry } from "@zip.js/zip.js";
import type { ZipArchive } from "../../source/zip-archive.js";
import { MAX_FILE_BYTES } from "./hdf5-file.js";

/**
 * Unpacks an entry of a zip file into memory, because HDF5 files are read in any order.
 *
 * @returns the unpacked file, which has the path of the archive in messages
 * @throws `DataLossError` if the entry is damaged; `ResourceExhaustedError` if it is larger than 1 GiB.
 */
export async function unpackEntry(
  archive: ZipArchive,
  entry: FileEntry,
  path: string,
  options: CallOptions,
): Promise<ReadableFile> {
  const size = entry.uncompressedSize;
  if (size > MAX_FILE_BYTES) {
    throw new ResourceExhaustedError(`${path} unpacks to ${size} bytes; 1 GiB is possible here`, { path });
  }
  const bytes = new Uint8Array(size);
  const reader = archive.read(entry);
  try {
    await reader.fill(bytes, options);
    await reader.end?.();
  } finally {
    await reader.close?.();
  }
  return {
    path,
    size,
    readInto: async (offset, targets) => {
      let at = offset;
      for (const target of targets) {
        target.set(bytes.subarray(at, at + target.length));
        at += target.length;
      }
    },
    close: async () => undefined,
  };
}
