import { byteLength, DataLossError, type DType, type Shape, UnimplementedError } from "@tfsaver/core";
import type { ReadableFile } from "@tfsaver/storage";
import { isObject, parseJsonObject, shapeFromJson } from "../source/parse-json.js";
import { dtypeOfSafetensors, safetensorsDtype } from "./dtypes.js";

/** The key of the text that travels with the tensors. No tensor can have this name. */
export const METADATA_KEY = "__metadata__";

/** A tensor in a safetensors file. */
export interface HeaderEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Offset in bytes in the file. */
  readonly offset: number;
}

/** The header of a safetensors file. */
export interface Header {
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes in front of the header: its length, as a little-endian integer. */
const LENGTH_BYTES = 8;
/** Bytes of the longest header that is read (64 MiB): that of about half a million tensors. */
const MAX_HEADER_BYTES = 64 << 20;
const ALIGNMENT = 8;

/** Formats the header of tensors that follow each other, with the bytes that `safetensors` writes in Python. */
export function printHeader(
  tensors: readonly Omit<HeaderEntry, "offset">[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: string[] = [];
  if (Object.keys(metadata).length > 0) entries.push(`${JSON.stringify(METADATA_KEY)}:${JSON.stringify(metadata)}`);
  let start = 0;
  for (const { name, dtype, shape } of tensors) {
    const end = start + byteLength(dtype, shape);
    const entry = { dtype: safetensorsDtype(dtype)?.name, shape, data_offsets: [start, end] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    start = end;
  }
  const text = new TextEncoder().encode(`{${entries.join(",")}}`);
  const size = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(LENGTH_BYTES + size).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(size), true);
  bytes.set(text, LENGTH_BYTES);
  return bytes;
}

/**
 * Reads the header of a safetensors file, and checks that its tensors fill the file without gaps.
 *
 * @throws `DataLossError` if it is damaged or not a safetensors file; `UnimplementedError` for dtypes that TensorFlow lacks.
 */
export async function readHeader(file: ReadableFile): Promise<Header> {
  const { path, size } = file;
  const bad = (why: string) => new DataLossError(`${path} is not a safetensors file, or damaged: ${why}`, { path });
  if (size < LENGTH_BYTES + 2) throw bad(`it has only ${size} bytes`);
  const length = new Uint8Array(LENGTH_BYTES);
  await file.readInto(0, [length]);
  const headerBytes = new DataView(length.buffer).getBigUint64(0, true);
  if (headerBytes > BigInt(size - LENGTH_BYTES))
    throw bad(`its header would have ${headerBytes} bytes, and it has ${size}`);
  if (headerBytes > BigInt(MAX_HEADER_BYTES)) throw bad(`its header has ${headerBytes} bytes; 64 MiB are possible`);
  const text = new Uint8Array(Number(headerBytes));
  await file.readInto(LENGTH_BYTES, [text]);
  const { [METADATA_KEY]: metadata = {}, ...tensors } = parseJsonObject(text, path);
  if (!isStringMap(metadata)) throw bad("its metadata is not text");
  const data = LENGTH_BYTES + text.length;
  const ranges = Object.entries(tensors).map(([name, value]) => rangeOf(name, value, bad, path));
  ranges.sort((a, b) => a.start - b.start || a.end - b.end);
  let end = 0;
  for (const range of ranges) {
    if (range.start !== end) throw bad(`tensor ${range.name} starts at ${range.start}, not at ${end}`);
    end = range.end;
  }
  if (data + end !== size) throw bad(`its tensors end at ${data + end}, and it has ${size} bytes`);
  return { entries: ranges.map(({ start, ...entry }) => ({ ...entry, offset: data + start })), metadata };
}

interface Range extends Omit<HeaderEntry, "offset"> {
  readonly start: number;
  readonly end: number;
}

function rangeOf(name: string, value: unknown, bad: (why: string) => Error, path: string): Range {
  const { dtype: type, shape: dims, data_offsets: offsets } = isObject(value) ? value : {};
  const shape = shapeFromJson(dims);
  if (typeof type !== "string" || shape === undefined || !Array.isArray(offsets) || offsets.length !== 2) {
    throw bad(`the entry of tensor ${name} is not valid`);
  }
  const dtype = dtypeOfSafetensors(type);
  if (dtype === undefined) {
    throw new UnimplementedError(`${path}: tensor ${name} is ${type}, a dtype that TensorFlow lacks`, {
      path,
      tensor: name,
    });
  }
  const [start, end] = offsets as number[];
  const size = byteLength(dtype, shape);
  const isRange = Number.isSafeInteger(start) && Number.isSafeInteger(end) && (start as number) >= 0;
  if (!isRange || (end as number) - (start as number) !== size) {
    throw bad(`tensor ${name} has ${size} bytes, and its place is ${offsets}`);
  }
  return { name, dtype, shape, start: start as number, end: end as number };
}

function isStringMap(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.values(value).every((text) => typeof text === "string");
}
