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

/** Where the stored bytes of entries go, and what becomes of them. */
export interface TensorBuffer {
  /** Takes in that the bytes up to `end` have been read, while others are still being read. */
  add(end: number): void;
  /**
   * The tensors, once all bytes are read.
   *
   * @throws `DataLossError` if a checksum or a length is wrong.
   */
  finish(): readonly Tensor[];
}

/** One for a single entry. */
export interface OwnBuffer extends TensorBuffer {
  /** Its bytes, which of numbers are the tensor's own memory. */
  readonly bytes: Uint8Array;
}

/** @throws `UnimplementedError` for `resource`. */
export function bufferFor(entry: BundleEntry, place: EntryPlace): OwnBuffer {
  const { name, dtype, shape, size } = entry;
  if (isNumeric(dtype)) return new Numbers(entry, place, allocateTensor(dtype, shape));
  if (dtype === "resource") {
    throw new UnimplementedError(`Tensor ${name} of dtype ${dtype} can't be read`, contextOf(entry, place));
  }
  const bytes = allocateBytes(size);
  return { bytes, add: () => undefined, finish: () => [decodeElements(entry, bytes, place)] };
}

class Numbers implements OwnBuffer {
  readonly bytes: Uint8Array;
  #crc = 0;
  #done = 0;

  constructor(
    private readonly entry: BundleEntry,
    private readonly place: EntryPlace,
    private readonly tensor: Tensor,
  ) {
    this.bytes = tensorBytes(tensor);
  }

  add(end: number): void {
    this.#crc = crc32c(this.bytes.subarray(this.#done, end), this.#crc);
    this.#done = end;
  }

  finish(): readonly Tensor[] {
    const { entry, place, bytes, tensor } = this;
    this.add(bytes.length);
    requireCrc(entry, this.#crc, place);
    bringIntoForm(entry, bytes, place);
    return [tensor];
  }
}

/** Numbers of several entries that are read together. Their tensors get copies. */
export class SharedBuffer implements TensorBuffer {
  /**
   * @param bytes - what lies in the file from `offset` on
   * @param entries - all of one data file
   */
  constructor(
    private readonly entries: readonly BundleEntry[],
    private readonly place: EntryPlace,
    private readonly bytes: Uint8Array,
    private readonly offset: number,
  ) {}

  /** They are so short that checksums can wait. */
  add(): void {}

  finish(): readonly Tensor[] {
    const { entries, place, bytes, offset } = this;
    return entries.map((entry) => {
      const start = entry.offset - offset;
      const own = bytes.subarray(start, start + entry.size);
      requireCrc(entry, crc32c(own), place);
      bringIntoForm(entry, own, place);
      return tensorFromBytes(entry.dtype, entry.shape, own);
    });
  }
}

/** Brings the stored bytes of numbers, in place, into the form that tensors have. */
export function bringIntoForm({ dtype }: BundleEntry, bytes: Uint8Array, { endianness }: EntryPlace): void {
  if (endianness === "big") swapBytes(bytes, dtype);
  const { bits } = dtypeInfo(dtype);
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
