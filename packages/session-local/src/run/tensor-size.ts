import { byteLength, contentSize, type DType, isNumeric, numElements, type Shape, type Tensor } from "@tfsaver/core";

/** What an element of a string tensor takes beside its bytes. */
export const REFERENCE_SIZE = 8;

/** Bytes that a tensor takes; of strings, without what is in them. */
export function bytesFor(dtype: DType, shape: Shape): number {
  return isNumeric(dtype) ? byteLength(dtype, shape) : numElements(shape) * REFERENCE_SIZE;
}

/** Bytes that a tensor takes with all that is in it. */
export function sizeOf(tensor: Tensor): number {
  const content = contentSize(tensor);
  return isNumeric(tensor.dtype) ? content : content + bytesFor(tensor.dtype, tensor.shape);
}
