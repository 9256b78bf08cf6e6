import {
  allocateTensor,
  formatShape,
  InvalidArgumentError,
  isNumeric,
  numElements,
  type Shape,
  shapesEqual,
  type Tensor,
  tensorBytes,
  zeroTensor,
} from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { costOf } from "../../run/memory/tensor-size.js";
import { integerOf, stringsOf } from "../arguments.js";
import { computeStrings } from "../compute.js";

/** Normalizes an axis of a shape of `rank` dimensions: a negative one counts from the end. */
function axisOf(axis: number, rank: number): number {
  if (axis < -rank || axis >= rank) {
    throw new InvalidArgumentError(`axis = ${axis} not in [${-rank}, ${rank})`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Nanoseconds, roughly, that copying a part of a row takes, and copying a byte of it. */
const STEPS_PER_PART = 64;
const STEPS_PER_BYTE = 0.5;

/** Divides all tensors into `rows` equal rows, and joins the first rows of all, then the second rows, and so on. */
function interleave(
  call: KernelCall,
  tensors: readonly Tensor[],
  rows: number,
  shape: Shape,
): Tensor | Promise<Tensor> {
  const dtype = (tensors[0] as Tensor).dtype;
  if (tensors.some((tensor) => tensor.dtype !== dtype)) {
    throw new InvalidArgumentError("All tensors that are joined must have the same dtype");
  }
  const count = numElements(shape);
  // Without elements there is nothing to copy, however many rows there are.
  if (count === 0) return zeroTensor(dtype, shape);
  const filled = tensors.filter((tensor) => numElements(tensor.shape) > 0);
  if (!isNumeric(dtype)) {
    const next = nextInRows(
      filled.map((tensor) => stringsOf(call, tensor)),
      rows,
    );
    return computeStrings(call, shape, STEPS_PER_PART, next);
  }
  call.reserve(costOf(dtype, shape));
  const result = allocateTensor(dtype, shape);
  const out = tensorBytes(result);
  const inputs = filled.map(tensorBytes);
  let offset = 0;
  const copyRows = (start: number, end: number) => {
    for (let row = start; row < end; row++) {
      for (const bytes of inputs) {
        const length = bytes.length / rows;
        out.set(bytes.subarray(row * length, (row + 1) * length), offset);
        offset += length;
      }
    }
  };
  const stepsPerRow = inputs.length * STEPS_PER_PART + (out.length / rows) * STEPS_PER_BYTE;
  return call.inPieces(rows, stepsPerRow, copyRows, result);
}

/** Returns a function that gives the elements of lists row by row, as {@link interleave} orders them. */
function nextInRows<T>(lists: readonly (readonly T[])[], rows: number): () => T {
  let [row, list, column] = [0, 0, 0];
  return () => {
    const items = lists[list] as readonly T[];
    const length = items.length / rows;
    const item = items[row * length + column] as T;
    column++;
    if (column === length) {
      column = 0;
      list++;
      if (list === lists.length) {
        list = 0;
        row++;
      }
    }
    return item;
  };
}

function pack(call: KernelCall, tensors: readonly Tensor[], axis: number): Tensor | Promise<Tensor> {
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

function concat(call: KernelCall, tensors: readonly Tensor[], axis: number): Tensor | Promise<Tensor> {
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
