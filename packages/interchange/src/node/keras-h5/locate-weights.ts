import { DataLossError, NotFoundError, UnimplementedError } from "@tfsaver/core";
import type { CallOptions, ReadableFile } from "@tfsaver/storage";
import { ZipArchive } from "../../source/zip-archive.js";

/** First bytes of an HDF5 file, and of an entry of a zip file. */
const HDF5 = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** The weights in a `.keras`, which is a zip file. */
const WEIGHTS = "model.weights.h5";
/** Bytes in front of the name of an entry. */
const LOCAL_HEADER_BYTES = 30;

/**
 * Finds the HDF5 file with the weights: the file itself, or an entry of a `.keras`. Keras stores it uncompressed, so it is read in
 * its place.
 *
 * @throws `DataLossError` if there is none; `NotFoundError` if a zip file has no weights; `UnimplementedError` if they are compressed.
 */
export async function locateWeights(
  file: ReadableFile,
  options: CallOptions,
): Promise<{ readonly start: number; readonly size: number }> {
  const { path, size } = file;
  if (await startsWith(file, 0, HDF5, options)) return { start: 0, size };
  if (!(await startsWith(file, 0, ZIP, options))) {
    throw new DataLossError(`${path} is damaged, or no file of Keras: it has another start`, { path });
  }
  // The archive is not closed, because that would close the file.
  const { entries } = await ZipArchive.open(file);
  const entry = entries.find(({ filename }) => filename === WEIGHTS);
  if (entry === undefined) throw new NotFoundError(`${path} has no ${WEIGHTS}`, { path });
  if (entry.compressionMethod !== 0) {
    throw new UnimplementedError(`${path} has compressed weights: unpack it, and read its ${WEIGHTS}`, { path });
  }
  const header = new DataView(new ArrayBuffer(LOCAL_HEADER_BYTES));
  await file.readInto(entry.offset, [new Uint8Array(header.buffer)], options);
  const start = entry.offset + LOCAL_HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  if (start + entry.compressedSize <= size && (await startsWith(file, start, HDF5, options))) {
    return { start, size: entry.compressedSize };
  }
  throw new DataLossError(`${path} is damaged: its ${WEIGHTS} is no HDF5 file`, { path });
}

async function startsWith(
  file: ReadableFile,
  offset: number,
  wanted: readonly number[],
  options: CallOptions,
): Promise<boolean> {
  if (offset + wanted.length > file.size) return false;
  const found = new Uint8Array(wanted.length);
  await file.readInto(offset, [found], options);
  return wanted.every((byte, i) => found[i] === byte);
}
