import {
  ALL_DTYPES,
  DataLossError,
  type DType,
  dtypeInfo,
  isNumeric,
  numElements,
  type PackedStrings,
  packedTensor,
  type Tensor,
  tensorBytes,
  UnimplementedError,
} from "@tfsaver/core";
import { type NpyArray, parseNpyHeader } from "@tfsaver/core/npy";
import { transposed } from "@tfsaver/core/slices";
import type { CallOptions, Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import type { FileEntry } from "@zip.js/zip.js";
import { uncarry } from "../source/carried.js";
import { type ByteReader, FileSource, type PieceOptions, piecesOf, type StoredTensor } from "../source/file-source.js";
import { isObject, parseJsonObject } from "../source/parse-json.js";
import { ZipArchive } from "../source/zip-archive.js";
import { ENDING, METADATA_FILE } from "./names.js";

/** Options of {@link openNpz}. */
export interface OpenNpzOptions extends CallOptions {
  /** Storage to read from. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** Bytes of the largest metadata that is read (64 MiB). */
const MAX_METADATA_BYTES = 64 << 20;
/** Strings are read whole, so those that are packed may expand to 16 MiB, or to 32 times their size. */
const FREE_STRING_BYTES = 16 << 20;
const MAX_STRING_EXPANSION = 32;

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
export async function openNpz(path: string, options: OpenNpzOptions = {}): Promise<FileSource> {
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
  const array = await readHeader(archive, entry, where, options);
  const dtype = dtypeOf(array, entry, where, path);
  const name = filename.slice(0, -ENDING.length);
  const size = numElements(array.shape) * array.itemBytes;
  if (!Number.isSafeInteger(size) || array.start + size !== uncompressedSize) {
    const message = `${where} is damaged: its header announces ${array.start + size} bytes, and it has ${uncompressedSize}`;
    throw new DataLossError(message, { path });
  }
  const info = { name, dtype, shape: array.shape, size, slices: [], shard: 0 };
  const read = async () => skipping(archive.read(entry), array.start, options);
  if (!isNumeric(dtype)) return { info, pieces: () => stringPieces(array, entry, read, where) };
  return { info, pieces: (pieceOptions) => numberPieces({ ...array, dtype }, read, pieceOptions) };
}

async function readHeader(
  archive: ZipArchive,
  entry: FileEntry,
  where: string,
  options: CallOptions,
): Promise<NpyArray> {
  const { uncompressedSize } = entry;
  const reader = archive.read(entry);
  try {
    // The length of the header is in its first 12 bytes.
    const head = new Uint8Array(Math.min(uncompressedSize, 12));
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

async function* numberPieces(
  array: NpyArray & { readonly dtype: DType },
  read: () => Promise<ByteReader>,
  options: PieceOptions,
): AsyncGenerator<Tensor> {
  const { dtype, shape, fortranOrder, bigEndian } = array;
  const ordered = async function* (stored: readonly number[], { signal, pieceBytes }: PieceOptions) {
    for await (const piece of piecesOf({ dtype, shape: stored }, await read(), { signal, pieceBytes })) {
      if (bigEndian) reverseUnits(tensorBytes(piece), dtypeInfo(dtype).swapUnit);
      yield piece;
    }
  };
  if (!fortranOrder || shape.length < 2) yield* ordered(shape, options);
  else {
    // Fortran's order is that of the transposed array.
    const stored = [...shape].reverse();
    yield* transposed({ dtype, shape }, (others) => ordered(stored, others), options);
  }
}

function reverseUnits(bytes: Uint8Array, unit: number): void {
  for (let at = 0; at < bytes.length; at += unit) bytes.subarray(at, at + unit).reverse();
}

async function* stringPieces(
  { shape, itemBytes, fortranOrder }: NpyArray,
  { compressedSize, uncompressedSize }: FileEntry,
  read: () => Promise<ByteReader>,
  where: string,
): AsyncGenerator<Tensor> {
  if (fortranOrder && shape.length > 1) throw new UnimplementedError(`${where} holds strings in Fortran's order`);
  if (uncompressedSize > FREE_STRING_BYTES && uncompressedSize > MAX_STRING_EXPANSION * compressedSize) {
    throw new DataLossError(
      `${where} is damaged: its strings expand from ${compressedSize} to ${uncompressedSize} bytes`,
    );
  }
  const count = numElements(shape);
  const padded = new Uint8Array(count * itemBytes);
  const reader = await read();
  try {
    await reader.fill(padded, {});
    await reader.end?.();
  } finally {
    await reader.close?.();
  }
  yield packedTensor("string", shape, withoutPadding(padded, count, itemBytes));
}

/** Moves padded strings together, in their own memory. */
function withoutPadding(padded: Uint8Array, count: number, width: number): PackedStrings {
  const lengths = new Float64Array(count);
  let end = 0;
  for (let i = 0; i < count; i++) {
    let length = width;
    while (length > 0 && padded[i * width + length - 1] === 0) length--;
    padded.copyWithin(end, i * width, i * width + length);
    lengths[i] = length;
    end += length;
  }
  return { bytes: padded.subarray(0, end), lengths };
}
