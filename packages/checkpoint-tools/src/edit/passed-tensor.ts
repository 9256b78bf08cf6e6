import { contentSize, numElements, requireTensor, type Tensor } from "@tfsaver/core";
import type { EditedTensor } from "./edited-tensor.js";
import { sequentialValues } from "./values/regroup.js";

/**
 * Returns a tensor in memory as one of an edit.
 *
 * @throws `InvalidArgumentError` if it is not valid; see `requireTensor`.
 */
export function passedTensor(name: string, tensor: Tensor): EditedTensor {
  requireTensor(tensor, `Tensor ${name}`, { tensor: name });
  const { dtype, shape } = tensor;
  const values = sequentialValues({
    dtype,
    shape,
    async *pieces() {
      if (numElements(shape) > 0) yield tensor;
    },
  });
  const origin = { name: undefined, path: undefined, dtype, shape, slices: 0 };
  return { name, dtype, shape, size: contentSize(tensor), slices: [], values, origin };
}
