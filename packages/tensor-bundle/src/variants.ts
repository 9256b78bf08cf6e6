import { DataLossError } from "@tfsaver/core";
import { crc32c, maskCrc, VarintReader, varintLength, writeVarint } from "@tfsaver/core/coding";
import type { EncodedTensor } from "./encode-tensor.js";
import { gathered } from "./gathered.js";

const CHECK_SIZE = 4;

/**
 * The stored form of a variant tensor, of which each element is a serialized `VariantTensorDataProto`: per element its
 * length, its bytes, and a checksum that runs on from element to element over 64-bit lengths and bytes.
 */
export function encodeVariants(elements: readonly Uint8Array[]): EncodedTensor {
  const checksum = new VariantChecksum();
  const chunks = elements.flatMap((element) => {
    const length = new Uint8Array(varintLength(element.length));
    writeVarint(length, 0, element.length);
    return [length, element, checksum.add(element)];
  });
  return { chunks: () => gathered(chunks), crc32c: () => checksum.crc };
}

/**
 * Takes apart the stored form of a variant tensor of `count` elements. What is inside of them stays as it is.
 *
 * @returns the elements, as views of `bytes`, and the checksum they give
 * @throws `DataLossError` if lengths and size don't agree or a checksum is wrong.
 */
export function decodeVariants(bytes: Uint8Array, count: number) {
  const checksum = new VariantChecksum();
  const reader = new VarintReader(bytes);
  const variants: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const length = reader.next();
    const end = reader.offset + length;
    if (end + CHECK_SIZE > bytes.length) throw new DataLossError(`Variant ${i} passes the end of its tensor`);
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

  /** Takes in an element and its checksum, and gives the checksum as it is stored. */
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
