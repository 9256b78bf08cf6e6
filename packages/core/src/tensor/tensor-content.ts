import { isNumeric } from "./dtype.js";
import { packedStringsOf, packedTensor, packStrings } from "./packed-strings.js";
import type { Shape } from "./shape.js";
import { makeTensor, type NumericData, type Tensor, tensorStrings } from "./tensor.js";

/** Returns the size of a tensor's elements in bytes: for strings, the sum of their lengths. */
export function contentSize(tensor: Tensor): number {
  if (isNumeric(tensor.dtype)) return (tensor.data as NumericData).byteLength;
  const packed = packedStringsOf(tensor);
  if (packed !== undefined) return packed.bytes.length;
  return tensorStrings(tensor).reduce((sum, element) => sum + element.length, 0);
}

/** Copies a tensor and its content, so that the copy shares no memory with it. */
export function copyTensor(tensor: Tensor): Tensor {
  const { dtype, shape } = tensor;
  const strings = packedStringsOf(tensor);
  if (strings !== undefined) return packedTensor(dtype, shape, { ...strings, bytes: strings.bytes.slice() });
  const { data } = tensor;
  return ArrayBuffer.isView(data)
    ? makeTensor(dtype, shape, data.slice())
    : packedTensor(dtype, shape, packStrings(data));
}

/**
 * Gives a tensor another shape with the same number of elements. The result shares its memory.
 *
 * @throws {@link InvalidArgumentError} if the number of elements differs.
 */
export function reshapeTensor(tensor: Tensor, shape: Shape): Tensor {
  const strings = packedStringsOf(tensor);
  return strings === undefined
    ? makeTensor(tensor.dtype, shape, tensor.data)
    : packedTensor(tensor.dtype, shape, strings);
}
