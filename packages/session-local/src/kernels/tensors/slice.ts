import {
  allocateTensor,
  formatShape,
  InvalidArgumentError,
  isNumeric,
  numElements,
  type Shape,
  type Tensor,
  tensorBytes,
  tensorPart,
  zeroTensor,
} from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { costOf } from "../../run/memory/tensor-size.js";
import { integersOf, stringsOf } from "../arguments.js";

/** Nanoseconds, roughly, that copying an element takes: each may be a row of its own. */
const STEPS = 32;

/** Cuts a part out of a tensor. A size of -1 means the rest of the dimension. */
export function slice(
  call: KernelCall,
  tensor: Tensor,
  begin: readonly number[],
  sizes: readonly number[],
): Tensor | Promise<Tensor> {
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
  call.reserve(costOf(tensor.dtype, wanted));
  if (!isNumeric(tensor.dtype)) {
    stringsOf(call, tensor);
    call.reserve({ steps: STEPS * numElements(wanted) });
    return tensorPart(tensor, part);
  }
  return cutInPieces(call, tensor, part, wanted);
}

/** The part of one dimension. */
interface Range {
  readonly start: number;
  readonly length: number;
}

/** Cuts a part out of a numeric tensor, some rows at a time along the first axis that has several. */
function cutInPieces(
  call: KernelCall,
  tensor: Tensor,
  part: readonly Range[],
  wanted: Shape,
): Tensor | Promise<Tensor> {
  const axis = Math.max(
    0,
    wanted.findIndex((length) => length > 1),
  );
  const rows = wanted[axis] ?? 1;
  const result = allocateTensor(tensor.dtype, wanted);
  const out = tensorBytes(result);
  const cut = (start: number, end: number) => {
    const from = part[axis]?.start ?? 0;
    const some = wanted.length === 0 ? part : part.with(axis, { start: from + start, length: end - start });
    out.set(tensorBytes(tensorPart(tensor, some)), (out.length / rows) * start);
  };
  return call.inPieces(rows, (STEPS * numElements(wanted)) / rows, cut, result);
}

/** Kernel of the operation that cuts a part out of a tensor. */
export const sliceKernels: Readonly<Record<string, Kernel>> = {
  Slice: (call) => slice(call, call.input(0), integersOf(call.input(1), "begin"), integersOf(call.input(2), "size")),
};
