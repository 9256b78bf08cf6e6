import {
  ALL_DTYPES,
  DataLossError,
  type DType,
  dtypeInfo,
  isNumeric,
  numElements,
  UnimplementedError,
} from "@tfsaver/core";
import { type NpyArray, parseNpyHeader } from "@tfsaver/core/npy";
import type { CallOptions, ReadableFile, Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import type { FileEntry } from "@zip.js/zip.js";
import { uncarry } from "../source/carried.js";
import { explained } from "../source/explained.js";
import { FileSource, type StoredTensor } from "../source/file-source.js";
import { isObject, parseJsonObject } from "../source/parse-json.js";
import type { ByteReader, ReadRange } from "../source/pieces.js";
import { ZipArchive } from "../source/zip-archive.js";
import { ENDING, METADATA_FILE } from "./names.js";
import { NumberArray } from "./number-array.js";
import { stringPieces } from "./string-array.js";

/** Options of {@link openNpz}. */
export interface OpenNpzOptions extends CallOptions {
  /** Storage to read from. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** Bytes of the largest metadata that is read (64 MiB). */
const MAX_METADATA_BYTES = 64 << 20;

/**
 * Opens a file of `numpy.savez` or `numpy.savez_compressed` as a source of tensors. Close it after use. Arrays in Fortran's order
 * or in big-endian become row-major and little-endian; raw bits of two bytes are `bfloat16`.
 *
 * @throws `NotFoundError` if the file does not exist; `DataLossError` if it is damaged, or expands out of proportion;
 * `UnimplementedError` for elements that no tensor has (Python objects, records, dates), and for raw bits of one byte that say
 * nothing of their dtype; `FailedPreconditionError` if `@zip.js/zip.js` is not installed.
 *
 * @example
 * ```ts
 * import { convertCheckpoint } from "@tfsaver/checkpoint-tools";
 * import { openNpz } from "@tfsaver/interchange/npz";
 *
 * await using source = await openNpz("weights.npz");
 * await convertCheckpoint(source, "run/model.ckpt");
 * ```
 */
export function openNpz(path: string, options: OpenNpzOptions = {}): Promise<FileSource> {
  return explained(path, options, () => openArchive(path, options));
}

async function openArchive(path: string, options: OpenNpzOptions): Promise<FileSource> {
  const { storage = defaultStorage() } = options;
  const file = await storage.open(path, options);
  let archive: ZipArchive | undefined;
  try {
    archive = await ZipArchive.open(file);
    const tensors = new Map<string, StoredTensor>();
    let metadata: Readonly<Record<string, string>> = {};
    for (const entry of archive.entries) {
      if (entry.filename === METADATA_FILE) metadata = await readMetadata(archive, entry, path, options);
      else {
        const tensor = await storedTensor(archive, entry, path, options);
        if (tensors.has(tensor.info.name)) {
          throw new DataLossError(`${path} is damaged: it has two arrays named ${tensor.info.name}`, { path });
        }
        tensors.set(tensor.info.name, tensor);
      }
    }
    const apart = uncarry(metadata, path);
    const opened = archive;
    return new FileSource([path], [...tensors.values(), ...apart.tensors], apart.metadata, () => opened.close());
  } catch (error) {
    await (archive ?? file).close();
    throw error;
  }
}

async function readMetadata(
  archive: ZipArchive,
  entry: FileEntry,
  path: string,
  options: CallOptions,
): Promise<Readonly<Record<string, string>>> {
  const where = `${path}: ${entry.filename}`;
  if (entry.uncompressedSize > MAX_METADATA_BYTES)
    throw new DataLossError(`${where} is damaged: it is too long`, { path });
  const bytes = new Uint8Array(entry.uncompressedSize);
  const reader = archive.read(entry);
  try {
    await reader.fill(bytes, options);
    await reader.end?.();
  } finally {
    await reader.close?.();
  }
  const metadata = parseJsonObject(bytes, where);
  if (isObject(metadata) && Object.values(metadata).every((text) => typeof text === "string")) {
    return metadata as Readonly<Record<string, string>>;
  }
  throw new DataLossError(`${where} is damaged: it holds more than text`, { path });
}

async function storedTensor(
  archive: ZipArchive,
  entry: FileEntry,
  path: string,
  options: CallOptions,
): Promise<StoredTensor> {
  const { filename, uncompressedSize } = entry;
  const where = `${path}: ${filename}`;
  if (!filename.endsWith(ENDING)) throw new UnimplementedError(`${where} is no array`, { path });
  const range = ZipArchive.isStored(entry) ? await archive.locate(entry, options) : undefined;
  const reader = range === undefined ? archive.read(entry) : bytesIn(archive.file, range.offset);
  const array = await readHeader(reader, entry, where, options);
  const dtype = dtypeOf(array, entry, where, path);
  const name = filename.slice(0, -ENDING.length);
  const size = numElements(array.shape) * array.itemBytes;
  if (!Number.isSafeInteger(size) || array.start + size !== uncompressedSize) {
    const message = `${where} is damaged: its header announces ${array.start + size} bytes, and it has ${uncompressedSize}`;
    throw new DataLossError(message, { path });
  }
  const info = { name, dtype, shape: array.shape, size, slices: [], shard: 0 };
  const read = async () => skipping(archive.read(entry), array.start, options);
  const shared = { info, hasChecksum: true, locate: async () => range };
  if (!isNumeric(dtype)) return { ...shared, pieces: () => stringPieces(array, entry, read, where) };
  const numbers = new NumberArray(array, dtype);
  const pieces: StoredTensor["pieces"] = (pieceOptions) => numbers.pieces(read, pieceOptions);
  if (range === undefined) return { ...shared, pieces };
  const first = range.offset + array.start;
  const readRange: ReadRange = (start, target, { signal }) =>
    archive.file.readInto(first + start, [target], { signal });
  return {
    ...shared,
    pieces,
    slicePieces: (slice, pieceOptions) => numbers.slicePieces(slice, readRange, pieceOptions),
  };
}

/** Reads the bytes of a file from an offset on. */
function bytesIn(file: ReadableFile, offset: number): ByteReader {
  let at = offset;
  return {
    async fill(target, { signal }) {
      await file.readInto(at, [target], { signal });
      at += target.length;
    },
  };
}

/** Bytes of a header that are read at first: all of most headers, as NumPy writes them. */
const HEAD_BYTES = 128;

async function readHeader(
  reader: ByteReader,
  { uncompressedSize }: FileEntry,
  where: string,
  options: CallOptions,
): Promise<NpyArray> {
  try {
    const head = new Uint8Array(Math.min(uncompressedSize, HEAD_BYTES));
    await reader.fill(head, options);
    const length = head.length < 12 ? head.length : headerBytes(new DataView(head.buffer));
    const whole = new Uint8Array(Math.max(head.length, Math.min(length, uncompressedSize, 1 << 16)));
    whole.set(head);
    await reader.fill(whole.subarray(head.length), options);
    return parseNpyHeader(whole, where);
  } finally {
    await reader.close?.();
  }
}

function headerBytes(head: DataView): number {
  return head.getUint8(6) === 1 ? 10 + head.getUint16(8, true) : 12 + head.getUint32(8, true);
}

/** The dtype of an array. Our own writer notes what NumPy can't tell in the comment of the entry. */
function dtypeOf({ dtype, itemBytes }: NpyArray, { comment }: FileEntry, where: string, path: string): DType {
  const noted = ALL_DTYPES.find((known) => known === comment);
  if (noted !== undefined && isNumeric(noted) && dtypeInfo(noted).size === itemBytes) return noted;
  if (dtype !== undefined) return dtype;
  throw new UnimplementedError(
    `${where} holds raw bits of one byte, which may be float8_e4m3fn, float8_e5m2, int4 or others. Save it as uint8, or as a ` +
      "type that NumPy has.",
    { path },
  );
}

/** Skips the header of an array, so that its elements come next. */
async function skipping(reader: ByteReader, start: number, options: CallOptions): Promise<ByteReader> {
  await reader.fill(new Uint8Array(start), options);
  return reader;
}
