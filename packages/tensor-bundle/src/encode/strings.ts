import {
  allocateTensor,
  DataLossError,
  type PackedStrings,
  packedStringsOf,
  type Tensor,
  tensorStrings,
} from "@tfsaver/core";
import { crc32c, MAX_VARINT_LENGTH, maskCrc, VarintReader, writeVarint } from "@tfsaver/core/coding";
import { coalesceChunks } from "./coalesce-chunks.js";
import { type EncodedTensor, splitIntoChunks } from "./encoded-tensor.js";

/** Lengths above this enter the checksum as 64-bit numbers, others as 32-bit numbers. */
const MAX_UINT32 = 0xffffffff;
const LENGTH_CHECK_SIZE = 4;

/** Encodes a string tensor: the lengths as varints, their checksum, then the strings themselves. */
export function encodeStrings(tensor: Tensor): EncodedTensor {
  const packed = packedStringsOf(tensor);
  if (packed !== undefined) return encode(packed.lengths, () => splitIntoChunks(packed.bytes));
  const strings = tensorStrings(tensor);
  return encode(
    Float64Array.from(strings, ({ length }) => length),
    () => coalesceChunks(strings),
  );
}

function encode(stringLengths: Float64Array, contents: () => Iterable<Uint8Array>): EncodedTensor {
  // The checksum runs over fixed-width lengths, the stored checksum of the lengths, and the strings.
  let crc = 0;
  return {
    *chunks() {
      const head = encodeLengths(stringLengths);
      crc = crc32c(head.check, head.crc);
      yield head.bytes;
      yield head.check;
      for (const chunk of contents()) {
        crc = crc32c(chunk, crc);
        yield chunk;
      }
    },
    crc32c: () => crc,
  };
}

function encodeLengths(stringLengths: Float64Array) {
  // Most lengths take one byte. Computing the exact size first would take as long as encoding.
  let bytes = new Uint8Array(stringLengths.length + MAX_VARINT_LENGTH);
  const lengths = new LengthChecksum("little");
  let at = 0;
  for (const length of stringLengths) {
    if (at + MAX_VARINT_LENGTH > bytes.length) bytes = doubled(bytes);
    at = writeVarint(bytes, at, length);
    lengths.add(length);
  }
  return { bytes: bytes.subarray(0, at), check: lengths.check(), crc: lengths.crc() };
}

function doubled(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * bytes.length);
  larger.set(bytes);
  return larger;
}

/**
 * Decodes a string tensor of `count` elements.
 *
 * @returns the strings, as views of `bytes`, and the checksum of the tensor
 * @throws `DataLossError` if lengths and size don't match, in TensorFlow's words.
 */
export function decodeStrings(
  bytes: Uint8Array,
  count: number,
  endianness: "little" | "big",
): { readonly strings: PackedStrings; readonly crc32c: number } {
  const sizes = allocateTensor("float64", [count]).data as Float64Array;
  // Early versions of TensorFlow wrote nothing at all for an empty tensor.
  if (count === 0 && bytes.length === 0) return { strings: { bytes, lengths: sizes }, crc32c: 0 };
  const reader = new VarintReader(bytes);
  const lengths = new LengthChecksum(endianness);
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (reader.offset >= bytes.length)
      throw new DataLossError("String lengths longer than expected: no bytes are left");
    const length = reader.next();
    sizes[i] = length;
    total += length;
    lengths.add(length);
  }
  const check = bytes.subarray(reader.offset, reader.offset + LENGTH_CHECK_SIZE);
  if (check.length < LENGTH_CHECK_SIZE) {
    throw new DataLossError("String lengths longer than expected: their checksum is truncated");
  }
  const actual = lengths.check();
  if (check.some((byte, i) => byte !== actual[i])) {
    const little = endianness === "little";
    const number = (of: Uint8Array) => new DataView(of.buffer, of.byteOffset).getUint32(0, little);
    throw new DataLossError(
      `The length checksum does not match: expected ${number(check)} but actual is ${number(actual)}`,
    );
  }
  const contents = bytes.subarray(reader.offset + LENGTH_CHECK_SIZE);
  if (total > contents.length) throw new DataLossError("String lengths longer than expected: they exceed the data");
  if (total < contents.length) {
    throw new DataLossError(`Strings take ${total} bytes, but the bundle entry has room for ${contents.length}`);
  }
  return { strings: { bytes: contents, lengths: sizes }, crc32c: crc32c(contents, crc32c(check, lengths.crc())) };
}

/** Size in bytes of the buffer for lengths. One checksum over many lengths is faster than many short ones. */
const LENGTHS_BYTES = 64 << 10;

/** Computes the checksum of lengths, each as a fixed-width number in the bundle's byte order. */
class LengthChecksum {
  readonly #view = new DataView(new ArrayBuffer(LENGTHS_BYTES));
  readonly #little: boolean;
  #crc = 0;
  #filled = 0;

  constructor(endianness: "little" | "big") {
    this.#little = endianness === "little";
  }

  add(length: number): void {
    if (this.#filled > LENGTHS_BYTES - 8) this.crc();
    if (length <= MAX_UINT32) {
      this.#view.setUint32(this.#filled, length, this.#little);
      this.#filled += 4;
    } else {
      this.#view.setBigUint64(this.#filled, BigInt(length), this.#little);
      this.#filled += 8;
    }
  }

  /** Returns the unmasked checksum of all lengths so far. */
  crc(): number {
    this.#crc = crc32c(new Uint8Array(this.#view.buffer, 0, this.#filled), this.#crc);
    this.#filled = 0;
    return this.#crc;
  }

  /** Returns the masked checksum as it is stored. */
  check(): Uint8Array {
    const bytes = new Uint8Array(LENGTH_CHECK_SIZE);
    new DataView(bytes.buffer).setUint32(0, maskCrc(this.crc()), this.#little);
    return bytes;
  }
}
