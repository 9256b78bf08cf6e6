import {
  byteLength,
  type DType,
  isNumeric,
  numElements,
  packedStringsOf,
  type Shape,
  type Tensor,
} from "@tfsaver/core";

/** What an element of a string tensor takes beside its bytes. */
export const REFERENCE_SIZE = 8;

/** Bytes that a tensor takes; of strings, without what is in them. */
export function bytesFor(dtype: DType, shape: Shape): number {
  return isNumeric(dtype) ? byteLength(dtype, shape) : numElements(shape) * REFERENCE_SIZE;
}

/** Bytes of a tensor's elements; of strings, of what is in them. */
export function contentSize(tensor: Tensor): number {
  const packed = packedStringsOf(tensor);
  if (packed !== undefined) return packed.bytes.length;
  const { data } = tensor;
  return ArrayBuffer.isView(data) ? data.byteLength : data.reduce((sum, element) => sum + element.length, 0);
}
