import { DataLossError } from "@tfsaver/core";
import { crc32c, maskCrc, VarintReader, varintLength, writeVarint } from "@tfsaver/core/coding";
import { coalesceChunks } from "./coalesce-chunks.js";
import type { EncodedTensor } from "./encoded-tensor.js";

const CHECK_SIZE = 4;

/**
 * Encodes a variant tensor. Each element, a serialized `VariantTensorDataProto`, becomes its length as a varint, its bytes,
 * and a checksum over the 64-bit lengths and the bytes of all elements so far.
 */
export function encodeVariants(elements: readonly Uint8Array[]): EncodedTensor {
  const checksum = new VariantChecksum();
  const chunks = elements.flatMap((element) => {
    const length = new Uint8Array(varintLength(element.length));
    writeVarint(length, 0, element.length);
    return [length, element, checksum.add(element)];
  });
  return { chunks: () => coalesceChunks(chunks), crc32c: () => checksum.crc };
}

/**
 * Decodes a variant tensor of `count` elements. The elements themselves are not decoded.
 *
 * @returns the elements, as views of `bytes`, and the checksum of the tensor
 * @throws `DataLossError` if lengths and size don't match or a checksum is wrong.
 */
export function decodeVariants(bytes: Uint8Array, count: number) {
  const checksum = new VariantChecksum();
  const reader = new VarintReader(bytes);
  const variants: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const length = reader.next();
    const end = reader.offset + length;
    if (end + CHECK_SIZE > bytes.length) throw new DataLossError(`Variant ${i} extends beyond its tensor`);
    const element = bytes.subarray(reader.offset, end);
    const check = bytes.subarray(end, end + CHECK_SIZE);
    if (checksum.add(element).some((byte, at) => byte !== check[at])) {
      throw new DataLossError(`The checksum of variant ${i} does not match`);
    }
    variants.push(element);
    reader.offset = end + CHECK_SIZE;
  }
  if (reader.offset !== bytes.length) {
    throw new DataLossError(`Variants take ${reader.offset} bytes, but the bundle entry has ${bytes.length}`);
  }
  return { elements: variants, crc32c: checksum.crc };
}

class VariantChecksum {
  crc = 0;

  /** Adds an element and its stored checksum, and returns the latter. */
  add(element: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(element.length), true);
    this.crc = crc32c(element, crc32c(bytes, this.crc));
    const check = new Uint8Array(CHECK_SIZE);
    new DataView(check.buffer).setUint32(0, maskCrc(this.crc), true);
    this.crc = crc32c(check, this.crc);
    return check;
  }
}
