import {
  allocateBytes,
  allocateTensor,
  DataLossError,
  dtypeInfo,
  isNumeric,
  makeTensor,
  numElements,
  packedTensor,
  type Tensor,
  tensorBytes,
  tensorFromBytes,
  UnimplementedError,
} from "@tfsaver/core";
import { crc32c } from "@tfsaver/core/coding";
import { swapBytes } from "./byte-order.js";
import type { BundleEntry } from "./entry.js";
import { decodeStrings } from "./strings.js";
import { decodeVariants } from "./variants.js";

/** Where an entry was read from, for errors. */
export interface EntryPlace {
  readonly prefix: string;
  readonly dataPath: string;
  readonly endianness: "little" | "big";
}

/** Where the stored bytes of one entry go, and what becomes of them. */
export interface TensorBuffer {
  /** Takes in that its bytes from `start` to `end` have been read. They come in order. */
  add(start: number, end: number): void;
  /**
   * The tensor, once all bytes are read.
   *
   * @throws `DataLossError` if a checksum or a length is wrong.
   */
  finish(): Tensor;
}

/** One with memory of its own, which of numbers is the tensor's. */
export interface OwnBuffer extends TensorBuffer {
  readonly bytes: Uint8Array;
}

/** @throws `UnimplementedError` for `resource`. */
export function bufferFor(entry: BundleEntry, place: EntryPlace): OwnBuffer {
  const { name, dtype, shape, size } = entry;
  if (isNumeric(dtype)) {
    const tensor = allocateTensor(dtype, shape);
    return new Numbers(entry, place, tensorBytes(tensor), 0, tensor);
  }
  if (dtype === "resource") {
    throw new UnimplementedError(`Tensor ${name} of dtype ${dtype} can't be read`, contextOf(entry, place));
  }
  const bytes = allocateBytes(size);
  return { bytes, add: () => undefined, finish: () => decodeElements(entry, bytes, place) };
}

/** For numbers whose bytes come together with those of others: from `start` on in `bytes`. */
export function sharedBufferFor(entry: BundleEntry, place: EntryPlace, bytes: Uint8Array, start: number): TensorBuffer {
  return new Numbers(entry, place, bytes, start);
}

class Numbers implements OwnBuffer {
  #crc = 0;

  constructor(
    private readonly entry: BundleEntry,
    private readonly place: EntryPlace,
    readonly bytes: Uint8Array,
    private readonly start: number,
    /** The one whose memory `bytes` is; without, there will be one with a copy. */
    private readonly tensor?: Tensor,
  ) {}

  add(start: number, end: number): void {
    this.#crc = crc32c(this.bytes, this.#crc, this.start + start, this.start + end);
  }

  finish(): Tensor {
    const { entry, start, tensor } = this;
    const bytes = this.bytes.subarray(start, start + entry.size);
    finishNumbers(entry, bytes, this.#crc, this.place);
    return tensor ?? tensorFromBytes(entry.dtype, entry.shape, bytes);
  }
}

/** Compares the checksum of the stored bytes of numbers and brings them, in place, into the form that tensors have. */
export function finishNumbers(entry: BundleEntry, bytes: Uint8Array, crc: number, place: EntryPlace): void {
  requireCrc(entry, crc, place);
  if (place.endianness === "big") swapBytes(bytes, entry.dtype);
  const { bits } = dtypeInfo(entry.dtype);
  // TensorFlow takes sub-byte numbers with or without their sign extended into the rest of the byte.
  if (bits < 8) for (let i = 0; i < bytes.length; i++) (bytes[i] as number) &= (1 << bits) - 1;
}

function decodeElements(entry: BundleEntry, bytes: Uint8Array, place: EntryPlace): Tensor {
  const count = numElements(entry.shape);
  if (entry.dtype === "variant" && place.endianness === "big") {
    throw new UnimplementedError(
      `Tensor ${entry.name} of a big-endian checkpoint contains a variant`,
      contextOf(entry, place),
    );
  }
  let decoded: { readonly tensor: Tensor; readonly crc32c: number };
  try {
    decoded = decode(entry, bytes, count, place);
  } catch (cause) {
    if (!(cause instanceof DataLossError)) throw cause;
    throw new DataLossError(`${place.dataPath}: tensor ${entry.name}: ${cause.message}`, {
      ...contextOf(entry, place),
      cause,
    });
  }
  requireCrc(entry, decoded.crc32c, place);
  return decoded.tensor;
}

function decode({ dtype, shape }: BundleEntry, bytes: Uint8Array, count: number, { endianness }: EntryPlace) {
  if (dtype === "string") {
    const { strings, crc32c } = decodeStrings(bytes, count, endianness);
    return { tensor: packedTensor(dtype, shape, strings), crc32c };
  }
  const { elements, crc32c } = decodeVariants(bytes, count);
  return { tensor: makeTensor(dtype, shape, elements), crc32c };
}

/** @throws `DataLossError` if the checksum of the stored bytes is not the one in the index. */
export function requireCrc(entry: BundleEntry, actual: number, place: EntryPlace): void {
  if (actual === entry.crc32c) return;
  throw new DataLossError(
    `TensorBundle at ${place.prefix} shard ${entry.shard} (${entry.size} bytes): Checksum does not match: stored ` +
      `${entry.crc32c} vs. calculated on the restored bytes ${actual}: tensor ${entry.name} in ${place.dataPath} at ` +
      `offset ${entry.offset} is damaged`,
    contextOf(entry, place),
  );
}

function contextOf(entry: BundleEntry, place: EntryPlace) {
  return { path: place.dataPath, offset: entry.offset, tensor: entry.name };
}
