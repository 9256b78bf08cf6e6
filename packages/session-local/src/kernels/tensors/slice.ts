import {
  formatShape,
  InvalidArgumentError,
  isNumeric,
  numElements,
  type Tensor,
  tensorPart,
  zeroTensor,
} from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { costOf } from "../../run/tensor-size.js";
import { integersOf, stringsOf } from "../arguments.js";

/** Nanoseconds, roughly, that copying an element takes: each may be a row of its own. */
const STEPS = 32;

/** Cuts a part out of a tensor. A size of -1 means the rest of the dimension. */
function slice(call: KernelCall, tensor: Tensor, begin: readonly number[], sizes: readonly number[]): Tensor {
  const { shape } = tensor;
  if (begin.length !== shape.length || sizes.length !== shape.length) {
    throw new InvalidArgumentError(
      `Expected begin and size arguments to be 1-D tensors of size ${shape.length}, but got shapes ` +
        `${formatShape([begin.length])} and ${formatShape([sizes.length])} instead.`,
    );
  }
  const part = shape.map((full, d) => {
    const [start, size] = [begin[d] as number, sizes[d] as number];
    const length = size === -1 ? full - start : size;
    if (start < 0 || start > full) {
      throw new InvalidArgumentError(`Expected begin[${d}] in [0, ${full}], but got ${start}`);
    }
    if (length < 0 || start + length > full) {
      throw new InvalidArgumentError(`Expected size[${d}] in [0, ${full - start}], but got ${length}`);
    }
    return { start, length };
  });
  const wanted = part.map(({ length }) => length);
  if (numElements(wanted) === 0) return zeroTensor(tensor.dtype, wanted);
  if (!isNumeric(tensor.dtype)) stringsOf(call, tensor);
  call.reserve({ ...costOf(tensor.dtype, wanted), steps: STEPS * numElements(wanted) });
  return tensorPart(tensor, part);
}

/** Kernel of the operation that cuts a part out of a tensor. */
export const sliceKernels: Readonly<Record<string, Kernel>> = {
  Slice: (call) => slice(call, call.input(0), integersOf(call.input(1), "begin"), integersOf(call.input(2), "size")),
};
