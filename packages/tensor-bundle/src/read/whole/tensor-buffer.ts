import {
  allocateBytes,
  allocateTensor,
  DataLossError,
  type DType,
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
import type { ReadOptions } from "@tfsaver/core/slices";
import { unfilledMemory } from "@tfsaver/storage/host";
import type { BundleEntry } from "../../encode/entry.js";
import { decodeStrings } from "../../encode/strings.js";
import { decodeVariants } from "../../encode/variants.js";
import { allocateNamed } from "./allocate-named.js";

/** Size in bytes of the largest numeric entry that is copied out of shared memory, which is cheaper than its own. */
export const SHORT = 4 << 10;

/** The file that an entry is read from. */
export interface EntryPlace {
  readonly prefix: string;
  readonly dataPath: string;
  readonly endianness: "little" | "big";
}

/** Memory that the stored bytes of entries are read into, and that turns them into tensors. */
export interface TensorBuffer {
  /** Computes the checksum of the bytes before `end`, which have arrived, while later ones are still being read. */
  add(end: number): void;
  /**
   * Returns the tensors, once all bytes have arrived.
   *
   * @throws `DataLossError` if a checksum or a length is wrong.
   */
  finish(): readonly Tensor[];
}

/** A buffer for a single entry. */
export interface OwnBuffer extends TensorBuffer {
  /** The bytes of the entry; for numbers, the memory of the tensor itself. */
  readonly bytes: Uint8Array;
}

/**
 * Allocates the buffer for one entry.
 *
 * @param target - memory of the caller for a numeric entry; then no tensor is made
 * @param allocate - returns the memory of a numeric tensor that is not short. Default: new memory
 * @throws `UnimplementedError` for `resource`.
 */
export function bufferFor(
  entry: BundleEntry,
  place: EntryPlace,
  target?: Uint8Array,
  allocate: ReadOptions["allocate"] = unfilledMemory,
): OwnBuffer {
  const { name, dtype, shape, size } = entry;
  if (target !== undefined) return new NumberBuffer(entry, place, target);
  if (isNumeric(dtype)) {
    const memory = size > SHORT ? allocate : undefined;
    const tensor = allocateNamed(name, size, contextOf(entry, place), () => allocateTensor(dtype, shape, memory));
    return new NumberBuffer(entry, place, tensorBytes(tensor), tensor);
  }
  if (dtype === "resource") {
    throw new UnimplementedError(`Tensor ${name} of dtype ${dtype} can't be read`, contextOf(entry, place));
  }
  const bytes = allocateNamed(name, size, contextOf(entry, place), () => allocateBytes(size));
  return { bytes, add: () => undefined, finish: () => [decodeElements(entry, bytes, place)] };
}

class NumberBuffer implements OwnBuffer {
  #crc = 0;
  #done = 0;

  constructor(
    private readonly entry: BundleEntry,
    private readonly place: EntryPlace,
    readonly bytes: Uint8Array,
    private readonly tensor?: Tensor,
  ) {}

  add(end: number): void {
    this.#crc = crc32c(this.bytes.subarray(this.#done, end), this.#crc);
    this.#done = end;
  }

  finish(): readonly Tensor[] {
    const { entry, place, bytes, tensor } = this;
    this.add(bytes.length);
    requireChecksum(entry, this.#crc, place);
    normalizeNumbers(entry, bytes, place);
    return tensor === undefined ? [] : [tensor];
  }
}

/** One buffer for several short numeric entries. Each tensor is copied out of it. */
export class SharedBuffer implements TensorBuffer {
  /**
   * @param entries - entries of one data file
   * @param bytes - memory for the bytes from `offset` in that file
   */
  constructor(
    private readonly entries: readonly BundleEntry[],
    private readonly place: EntryPlace,
    private readonly bytes: Uint8Array,
    private readonly offset: number,
  ) {}

  /** Does nothing: checksums of short entries can wait for the end. */
  add(): void {}

  finish(): readonly Tensor[] {
    const { entries, place, bytes, offset } = this;
    return entries.map((entry) => {
      const start = entry.offset - offset;
      const own = bytes.subarray(start, start + entry.size);
      requireChecksum(entry, crc32c(own), place);
      normalizeNumbers(entry, own, place);
      return tensorFromBytes(entry.dtype, entry.shape, own);
    });
  }
}

/** Turns the stored bytes of numbers, in place, into the bytes of a tensor: little-endian, unused high bits zero. */
export function normalizeNumbers({ dtype }: BundleEntry, bytes: Uint8Array, { endianness }: EntryPlace): void {
  if (endianness === "big") swapBytes(bytes, dtype);
  const { bits } = dtypeInfo(dtype);
  // TensorFlow reads sub-byte numbers with or without a sign extended into the high bits.
  if (bits < 8) for (let i = 0; i < bytes.length; i++) (bytes[i] as number) &= (1 << bits) - 1;
}

/** Reverses the byte order of numbers, in place. */
function swapBytes(bytes: Uint8Array, dtype: DType): void {
  const unit = dtypeInfo(dtype).swapUnit;
  if (unit === 1) return;
  for (let start = 0; start + unit <= bytes.length; start += unit) bytes.subarray(start, start + unit).reverse();
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
  requireChecksum(entry, decoded.crc32c, place);
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

/**
 * Compares the checksum of the stored bytes with the one in the index.
 *
 * @throws `DataLossError` if they differ.
 */
export function requireChecksum(entry: BundleEntry, actual: number, place: EntryPlace): void {
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
