import {
  allocateTensor,
  formatShape,
  InvalidArgumentError,
  isNumeric,
  makeTensor,
  numElements,
  type Shape,
  shapesEqual,
  type Tensor,
  tensorBytes,
  tensorStrings,
} from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { bytesFor } from "../../run/tensor-size.js";
import { integerOf } from "../arguments.js";

/** Normalizes an axis of a shape of `rank` dimensions: a negative one counts from the end. */
function axisOf(axis: number, rank: number): number {
  if (axis < -rank || axis >= rank) {
    throw new InvalidArgumentError(`axis = ${axis} not in [${-rank}, ${rank})`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Divides all tensors into `rows` equal rows, and joins the first rows of all, then the second rows, and so on. */
function interleave(call: KernelCall, tensors: readonly Tensor[], rows: number, shape: Shape): Tensor {
  const dtype = (tensors[0] as Tensor).dtype;
  if (tensors.some((tensor) => tensor.dtype !== dtype)) {
    throw new InvalidArgumentError("All tensors that are joined must have the same dtype");
  }
  call.reserve(bytesFor(dtype, shape));
  if (!isNumeric(dtype)) {
    const strings: Uint8Array[] = [];
    for (let row = 0; row < rows; row++) {
      for (const tensor of tensors) {
        const elements = tensorStrings(tensor);
        const length = elements.length / rows;
        for (let i = row * length; i < (row + 1) * length; i++) strings.push(elements[i] as Uint8Array);
      }
    }
    return makeTensor(dtype, shape, strings);
  }
  const result = allocateTensor(dtype, shape);
  const out = tensorBytes(result);
  const inputs = tensors.map(tensorBytes);
  let offset = 0;
  for (let row = 0; row < rows; row++) {
    for (const bytes of inputs) {
      const length = bytes.length / rows;
      out.set(bytes.subarray(row * length, (row + 1) * length), offset);
      offset += length;
    }
  }
  return result;
}

function pack(call: KernelCall, tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new InvalidArgumentError("Pack needs at least one input");
  for (const [i, { shape }] of tensors.entries()) {
    if (shapesEqual(shape, first.shape)) continue;
    throw new InvalidArgumentError(
      `Shapes of all inputs must match: values[0].shape = ${formatShape(first.shape)} != ` +
        `values[${i}].shape = ${formatShape(shape)}`,
    );
  }
  const at = axisOf(axis, first.shape.length + 1);
  return interleave(call, tensors, numElements(first.shape.slice(0, at)), first.shape.toSpliced(at, 0, tensors.length));
}

function concat(call: KernelCall, tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new InvalidArgumentError("ConcatV2 needs at least one input");
  const at = axisOf(axis, first.shape.length);
  for (const [i, { shape }] of tensors.entries()) {
    const fits = shape.length === first.shape.length && shape.every((dim, k) => k === at || dim === first.shape[k]);
    if (fits) continue;
    throw new InvalidArgumentError(
      `Shapes of all inputs must match except along axis ${at}: shape[0] = ${formatShape(first.shape)} vs. ` +
        `shape[${i}] = ${formatShape(shape)}`,
    );
  }
  const length = tensors.reduce((sum, { shape }) => sum + (shape[at] as number), 0);
  return interleave(call, tensors, numElements(first.shape.slice(0, at)), first.shape.with(at, length));
}

/** Kernels of operations that join tensors. */
export const joinKernels: Readonly<Record<string, Kernel>> = {
  Pack: (call) => pack(call, call.inputs, call.attributes.has("axis") ? call.attributes.int("axis") : 0),
  ConcatV2: (call) => concat(call, call.inputs.slice(0, -1), integerOf(call.inputs.at(-1) as Tensor, "axis")),
};
