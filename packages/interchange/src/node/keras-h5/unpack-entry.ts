import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallOptions, ReadableFile } from "@tfsaver/storage";
import { NodeStorage } from "@tfsaver/storage/node";
import type { FileEntry } from "@zip.js/zip.js";
import type { ZipArchive } from "../../source/zip-archive.js";

/** Bytes that are unpacked at once (1 MiB). */
const CHUNK_BYTES = 1 << 20;

/**
 * Unpacks an entry of a zip file into a temporary file, because HDF5 files are read in any order. The temporary file is removed
 * when it is closed; where the system allows it, at once.
 *
 * @returns the unpacked file, which has the path of the archive in messages
 * @throws `DataLossError` if the entry is damaged; the errors of the local file system.
 */
export async function unpackEntry(
  archive: ZipArchive,
  entry: FileEntry,
  path: string,
  options: CallOptions,
): Promise<ReadableFile> {
  const folder = await mkdtemp(join(tmpdir(), "tfsaver-keras-unpacked-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const unpacked = join(folder, "weights.h5");
    await writeTo(unpacked, archive, entry, options);
    const file = await new NodeStorage().open(unpacked);
    // An open file can't be removed on Windows.
    await remove().catch(() => undefined);
    return {
      path,
      size: file.size,
      readInto: (offset, targets, others) => file.readInto(offset, targets, others),
      close: () => file.close().finally(remove),
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function writeTo(path: string, archive: ZipArchive, entry: FileEntry, options: CallOptions): Promise<void> {
  const reader = archive.read(entry);
  const target = await open(path, "wx", 0o600);
  try {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (let left = entry.uncompressedSize; left > 0; ) {
      const part = chunk.subarray(0, left);
      await reader.fill(part, options);
      await target.writeFile(part);
      left -= part.length;
    }
    await reader.end?.();
  } finally {
    await target.close();
    await reader.close?.();
  }
}
