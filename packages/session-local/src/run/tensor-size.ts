import { byteLength, contentSize, type DType, isNumeric, numElements, type Shape, type Tensor } from "@tfsaver/core";

/** Bytes that an element of a string tensor takes besides its text. */
export const REFERENCE_SIZE = 8;

/** Returns the size in bytes of a tensor of this shape. For strings, their text is not included. */
export function bytesFor(dtype: DType, shape: Shape): number {
  return isNumeric(dtype) ? byteLength(dtype, shape) : numElements(shape) * REFERENCE_SIZE;
}

/** Returns the size of a tensor in bytes. For strings, their text is included. */
export function sizeOf(tensor: Tensor): number {
  const content = contentSize(tensor);
  return isNumeric(tensor.dtype) ? content : content + bytesFor(tensor.dtype, tensor.shape);
}
