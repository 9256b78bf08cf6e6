import { InvalidArgumentError, type Tensor } from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { after } from "../compute.js";
import { slice } from "./slice.js";

/** Cuts a tensor into parts along an axis. One size can be -1, which means the rest. */
function splitV(call: KernelCall): Tensor[] | Promise<Tensor[]> {
  const tensor = call.input(0);
  const axis = axisOf(call.input(2), tensor.shape.length);
  const sizes = sizesOf(call, tensor.shape[axis] as number);
  return cutFrom(call, tensor, axis, sizes, 0, []);
}

/** Cuts the parts from number `parts.length` on, the first of which begins at `start`. */
function cutFrom(
  call: KernelCall,
  tensor: Tensor,
  axis: number,
  sizes: readonly number[],
  start: number,
  parts: Tensor[],
): Tensor[] | Promise<Tensor[]> {
  let at = start;
  while (parts.length < sizes.length) {
    const size = sizes[parts.length] as number;
    const begin = tensor.shape.map((_, d) => (d === axis ? at : 0));
    at += size;
    const part = slice(call, tensor, begin, tensor.shape.with(axis, size));
    if (part instanceof Promise) {
      return after(part, (cut) => {
        parts.push(cut);
        return cutFrom(call, tensor, axis, sizes, at, parts);
      });
    }
    parts.push(part);
  }
  return parts;
}

function axisOf({ data }: Tensor, rank: number): number {
  if (data.length !== 1) throw new InvalidArgumentError("split_dim_tensor must have exactly one element.");
  const axis = Number(data[0]);
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw new InvalidArgumentError(`-input rank(-${rank}) <= split_dim < input rank (${rank}), but got ${axis}`);
}

/** Returns the sizes of the parts of an axis of length `full`. */
function sizesOf(call: KernelCall, full: number): number[] {
  const { shape, data } = call.input(1);
  if (shape.length !== 1 || data.length !== call.attributes.int("num_split")) {
    throw new InvalidArgumentError(
      "size of the split_tensor must be 1-D and have the same elements as outputs got " +
        `${shape.length} -D and ${data.length} elements`,
    );
  }
  const sizes = Array.from(data as ArrayLike<number | bigint>, Number);
  if (sizes.length === 1 && sizes[0] !== full) {
    throw new InvalidArgumentError(
      "If there is only one output, it must have the same size as the input. " +
        `Input size: ${full} output size: ${sizes[0]}`,
    );
  }
  const open = sizes.indexOf(-1);
  if (open !== sizes.lastIndexOf(-1)) throw new InvalidArgumentError("There can only be one -1 in the input.");
  const known = sizes.reduce((sum, size) => sum + size, open < 0 ? 0 : 1);
  if (open < 0 ? known !== full : known > full) {
    throw new InvalidArgumentError(
      "Determined shape must either match input shape along split_dim exactly if fully specified, or be less than the " +
        `size of the input along split_dim if not fully specified.  Got: ${known}`,
    );
  }
  if (open >= 0) sizes[open] = full - known;
  const negative = sizes.findIndex((size) => size < 0);
  if (negative < 0) return sizes;
  throw new InvalidArgumentError(`Split size at index ${negative} must be >= 0. Got: ${sizes[negative]}`);
}

/** Kernel of the operation that cuts a tensor into parts. */
export const splitKernels: Readonly<Record<string, Kernel>> = { SplitV: splitV };
