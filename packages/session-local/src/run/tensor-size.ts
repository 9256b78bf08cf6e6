import { byteLength, contentSize, type DType, isNumeric, numElements, type Shape, type Tensor } from "@tfsaver/core";
import type { Cost } from "../kernel.js";

/** Bytes that an element of a string tensor takes besides its text. */
export const REFERENCE_SIZE = 8;

/** What a string, or an entry of a table, counts among elements. */
export const STRING_ELEMENTS = 1024;

/** Returns the size in bytes of a tensor of this shape. For strings, their text is not included. */
function bytesFor(dtype: DType, shape: Shape): number {
  return isNumeric(dtype) ? byteLength(dtype, shape) : numElements(shape) * REFERENCE_SIZE;
}

/** Returns what a tensor takes of a run's limits. For strings, their text is not included. */
export function costOf(dtype: DType, shape: Shape): Cost {
  const count = numElements(shape);
  return { bytes: bytesFor(dtype, shape), elements: isNumeric(dtype) ? count : count * STRING_ELEMENTS };
}

/** Returns the size of a tensor in bytes. For strings, their text is included. */
export function sizeOf(tensor: Tensor): number {
  const content = contentSize(tensor);
  return isNumeric(tensor.dtype) ? content : content + bytesFor(tensor.dtype, tensor.shape);
}
