import { byteLength, contentSize, type DType, isNumeric, numElements, type Shape, type Tensor } from "@tfsaver/core";
import { type Cost, STRING_ELEMENTS } from "../cost.js";

/** Bytes that an element of a string tensor takes besides its text. */
export const REFERENCE_SIZE = 8;

/** What a byte of a new string counts among elements, besides {@link STRING_ELEMENTS}. */
const TEXT_ELEMENTS = 8;

/** Returns the size in bytes of a tensor of this shape. For strings, their text is not included. */
function bytesFor(dtype: DType, shape: Shape): number {
  return isNumeric(dtype) ? byteLength(dtype, shape) : numElements(shape) * REFERENCE_SIZE;
}

/** Returns what a tensor takes of a run's limits. For strings, their text is not included. */
export function costOf(dtype: DType, shape: Shape): Cost {
  const count = numElements(shape);
  return { bytes: bytesFor(dtype, shape), elements: isNumeric(dtype) ? count : count * STRING_ELEMENTS };
}

/** Returns what text of this size in bytes takes of a run's limits. */
export function costOfText(bytes: number): Cost {
  return { bytes, elements: TEXT_ELEMENTS * bytes, steps: bytes };
}

/** Returns the size of a tensor in bytes. For strings, their text is included. */
export function sizeOf(tensor: Tensor): number {
  const content = contentSize(tensor);
  return isNumeric(tensor.dtype) ? content : content + bytesFor(tensor.dtype, tensor.shape);
}
