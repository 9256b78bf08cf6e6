import {
  DataLossError,
  numElements,
  type PackedStrings,
  packedTensor,
  type Tensor,
  UnimplementedError,
} from "@tfsaver/core";
import type { NpyArray } from "@tfsaver/core/npy";
import type { FileEntry } from "@zip.js/zip.js";
import type { ByteReader } from "../source/pieces.js";

/** Strings are read whole, so those that are packed may expand to 16 MiB, or to 32 times their size. */
const FREE_STRING_BYTES = 16 << 20;
const MAX_STRING_EXPANSION = 32;

/** Yields an array of padded strings, as one piece. */
export async function* stringPieces(
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
