import { DataLossError, NotFoundError } from "@tfsaver/core";
import type { CallOptions, ReadableFile } from "@tfsaver/storage";
import { ZipArchive } from "../source/zip-archive.js";
import type { Hdf5Place } from "./hdf5-place.js";
import type { Platform } from "./platform.js";

/** First bytes of an HDF5 file, and of an entry of a zip file. */
const HDF5 = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** The weights in a `.keras`, which is a zip file. */
const WEIGHTS = "model.weights.h5";
/** Bytes in front of the name of an entry. */
const LOCAL_HEADER_BYTES = 30;

/**
 * Finds the HDF5 file with the weights: the file itself, or an entry of a `.keras`. Keras stores it uncompressed, so it is read in
 * its place; a compressed one is unpacked, into a temporary file if there are such.
 *
 * @param file - closed if an unpacked file takes its place
 * @throws `DataLossError` if there is none; `NotFoundError` if a zip file has no weights.
 */
export async function locateWeights(
  file: ReadableFile,
  { unpack }: Platform,
  options: CallOptions,
): Promise<Hdf5Place> {
  const { path, size } = file;
  if (await startsWith(file, 0, HDF5, options)) return { file, start: 0, size };
  if (!(await startsWith(file, 0, ZIP, options))) {
    throw new DataLossError(`${path} is damaged, or no file of Keras: it has another start`, { path });
  }
  // The archive is not closed, because that would close the file.
  const archive = await ZipArchive.open(file);
  const entry = archive.entries.find(({ filename }) => filename === WEIGHTS);
  if (entry === undefined) throw new NotFoundError(`${path} has no ${WEIGHTS}`, { path });
  const place =
    entry.compressionMethod === 0
      ? await placeInArchive(file, entry, options)
      : await unpack(archive, entry, path, options).then((unpacked) => ({
          file: unpacked,
          start: 0,
          size: unpacked.size,
        }));
  if (place.start + place.size <= place.file.size && (await startsWith(place.file, place.start, HDF5, options))) {
    if (place.file !== file) await file.close();
    return place;
  }
  if (place.file !== file) await place.file.close();
  throw new DataLossError(`${path} is damaged: its ${WEIGHTS} is no HDF5 file`, { path });
}

async function placeInArchive(
  file: ReadableFile,
  { offset, compressedSize }: { readonly offset: number; readonly compressedSize: number },
  options: CallOptions,
): Promise<Hdf5Place> {
  const header = new DataView(new ArrayBuffer(LOCAL_HEADER_BYTES));
  await file.readInto(offset, [new Uint8Array(header.buffer)], options);
  const start = offset + LOCAL_HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  return { file, start, size: compressedSize };
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
