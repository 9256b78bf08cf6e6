import { DataLossError } from "@tfsaver/core";
import { crc32c, maskCrc, VarintReader, varintLength, writeVarint } from "@tfsaver/core/coding";

/** Lengths above this are checksummed as 64-bit numbers. */
const MAX_UINT32 = 0xffffffff;
const LENGTH_CHECK_SIZE = 4;

/** A string tensor as it lies in a data file: the lengths with their checksum, then the strings themselves. */
export interface EncodedStrings {
  /** What to write, in order: the lengths, their checksum, and every string. */
  readonly chunks: readonly Uint8Array[];
  readonly size: number;
  /** CRC-32C of the tensor, unmasked: over fixed-width lengths, the stored length checksum, and the strings. */
  readonly crc32c: number;
}

export function encodeStrings(strings: readonly Uint8Array[]): EncodedStrings {
  const lengthsSize = strings.reduce((sum, item) => sum + varintLength(item.length), 0);
  const head = new Uint8Array(lengthsSize + LENGTH_CHECK_SIZE);
  const lengths = new LengthChecksum("little");
  let at = 0;
  for (const { length } of strings) {
    at = writeVarint(head, at, length);
    lengths.add(length);
  }
  lengths.check.forEach((byte, i) => {
    head[at + i] = byte;
  });
  let size = head.length;
  let crc = crc32c(lengths.check, lengths.crc);
  for (const item of strings) {
    crc = crc32c(item, crc);
    size += item.length;
  }
  return { chunks: [head, ...strings], size, crc32c: crc };
}

/**
 * Takes apart the stored form of a string tensor of `count` elements, which may be written to big-endian.
 *
 * @returns the strings, as views of `bytes`, and the checksum they give
 * @throws `DataLossError` if lengths and size don't agree, in TensorFlow's words.
 */
export function decodeStrings(
  bytes: Uint8Array,
  count: number,
  endianness: "little" | "big",
): { readonly elements: Uint8Array[]; readonly crc32c: number } {
  // Early versions wrote nothing at all for an empty tensor.
  if (count === 0 && bytes.length === 0) return { elements: [], crc32c: 0 };
  const reader = new VarintReader(bytes);
  const lengths = new LengthChecksum(endianness);
  const sizes: number[] = [];
  for (let i = 0; i < count; i++) {
    if (reader.offset >= bytes.length) throw new DataLossError("String lengths longer than expected: no room is left");
    const length = reader.next();
    sizes.push(length);
    lengths.add(length);
  }
  const check = bytes.subarray(reader.offset, reader.offset + LENGTH_CHECK_SIZE);
  if (check.length < LENGTH_CHECK_SIZE) {
    throw new DataLossError("String lengths longer than expected: their checksum is cut off");
  }
  if (check.some((byte, i) => byte !== lengths.check[i])) {
    const little = endianness === "little";
    const number = (of: Uint8Array) => new DataView(of.buffer, of.byteOffset).getUint32(0, little);
    throw new DataLossError(
      `The length checksum does not match: expected ${number(check)} but actual is ${number(lengths.check)}`,
    );
  }
  let crc = crc32c(check, lengths.crc);
  let at = reader.offset + LENGTH_CHECK_SIZE;
  const strings = sizes.map((length) => {
    if (length > bytes.length - at) throw new DataLossError("String lengths longer than expected: they pass the end");
    const item = bytes.subarray(at, at + length);
    at += length;
    crc = crc32c(item, crc);
    return item;
  });
  if (at !== bytes.length) {
    throw new DataLossError(`Strings take ${at} bytes, but the bundle entry has ${bytes.length}`);
  }
  return { elements: strings, crc32c: crc };
}

/** The running checksum of lengths, each as a fixed-width number in the bundle's byte order. */
class LengthChecksum {
  crc = 0;
  readonly #view = new DataView(new ArrayBuffer(8));
  readonly #little: boolean;

  constructor(endianness: "little" | "big") {
    this.#little = endianness === "little";
  }

  add(length: number): void {
    const width = length <= MAX_UINT32 ? 4 : 8;
    if (width === 4) this.#view.setUint32(0, length, this.#little);
    else this.#view.setBigUint64(0, BigInt(length), this.#little);
    this.crc = crc32c(new Uint8Array(this.#view.buffer, 0, width), this.crc);
  }

  /** The masked checksum as it is stored. */
  get check(): Uint8Array {
    const bytes = new Uint8Array(LENGTH_CHECK_SIZE);
    new DataView(bytes.buffer).setUint32(0, maskCrc(this.crc), this.#little);
    return bytes;
  }
}
