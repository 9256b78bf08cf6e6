import {
  type DType,
  dtypeInfo,
  formatShape,
  InvalidArgumentError,
  isNumeric,
  numElements,
  reshapeTensor,
  type Shape,
  type Tensor,
  tensorStrings,
  toTensor,
  zeroTensor,
} from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { costOf } from "../../run/memory/tensor-size.js";
import { integersOf, shapeOf } from "../arguments.js";
import { computeNumbers, computeStrings, elementsOf } from "../compute.js";
import { oneOf } from "../math/number-kinds.js";

/** Reshapes a tensor. The result shares its memory. */
function reshape(tensor: Tensor, wanted: readonly number[]): Tensor {
  const unknown = wanted.indexOf(-1);
  const second = wanted.indexOf(-1, unknown + 1);
  if (unknown >= 0 && second >= 0) {
    throw new InvalidArgumentError(`Only one input size may be -1, not both ${unknown} and ${second}`);
  }
  const negative = wanted.findIndex((dim) => dim < -1);
  if (negative >= 0) {
    throw new InvalidArgumentError(`Size ${negative} must be non-negative, not ${wanted[negative]}`);
  }
  const count = numElements(tensor.shape);
  const shape = unknown < 0 ? wanted : wanted.with(unknown, missingSize(tensor.shape, wanted));
  const requested = numElements(shape);
  if (requested !== count) {
    throw new InvalidArgumentError(
      `Input to reshape is a tensor with ${count} values, but the requested shape has ${requested}`,
    );
  }
  return reshapeTensor(tensor, shape);
}

/** Computes the size that -1 stands for. If a wanted size is 0, dimensions of size 0 are left out of the computation. */
function missingSize(shape: Shape, wanted: readonly number[]): number {
  const given = wanted.filter((dim) => dim !== -1);
  const withoutZeros = given.includes(0);
  const sizes = (dims: readonly number[]) => numElements(withoutZeros ? dims.filter((dim) => dim !== 0) : dims);
  const [count, known] = [sizes(shape), sizes(given)];
  if (count % known === 0 || (withoutZeros && shape.includes(0))) return Math.floor(count / known);
  throw new InvalidArgumentError(
    `Input to reshape is a tensor with ${count} values, but the requested shape requires a multiple of ${known}`,
  );
}

/** Nanoseconds, roughly, that writing an element takes. */
const STEPS = 4;

function fill(call: KernelCall, shape: Shape, value: Tensor): Tensor | Promise<Tensor> {
  if (value.shape.length > 0) {
    throw new InvalidArgumentError(`value must be a scalar, got shape ${formatShape(value.shape)}`);
  }
  const { dtype } = value;
  if (!isNumeric(dtype)) {
    const [text] = tensorStrings(value) as [Uint8Array];
    return computeStrings(call, shape, STEPS, () => text);
  }
  return filled(call, dtype, shape, elementsOf(value));
}

/** Repeats the lanes of one element. */
function filled(call: KernelCall, dtype: DType, shape: Shape, element: ArrayLike<number>): Tensor | Promise<Tensor> {
  const { lanes } = dtypeInfo(dtype);
  return computeNumbers(call, dtype, shape, STEPS * lanes, (out, start, end) => {
    if (lanes === 1) (out as Float64Array).fill(element[0] as number, start, end);
    else for (let i = start * lanes; i < end * lanes; i++) out[i] = element[i % lanes] as number;
  });
}

function zerosLike(call: KernelCall): Tensor {
  const { dtype, shape } = call.input(0);
  call.reserve({ ...costOf(dtype, shape), steps: numElements(shape) });
  return zeroTensor(dtype, shape);
}

function onesLike(call: KernelCall): Tensor | Promise<Tensor> {
  const { dtype, shape } = call.input(0);
  const one = [oneOf(dtype) as number, ...new Array<number>(dtypeInfo(dtype).lanes - 1).fill(0)];
  return filled(call, dtype, shape, one);
}

/** Kernels of operations that read or change shapes, or fill a tensor of a given shape. */
export const shapeKernels: Readonly<Record<string, Kernel>> = {
  Reshape: (call) => reshape(call.input(0), integersOf(call.input(1), "shape")),
  Shape: (call) => {
    const dtype = call.attributes.has("out_type") ? call.attributes.type("out_type") : "int32";
    const { shape } = call.input(0);
    return toTensor(shape, dtype, [shape.length]);
  },
  Fill: (call) => fill(call, shapeOf(call.input(0), "dims"), call.input(1)),
  ZerosLike: zerosLike,
  OnesLike: onesLike,
};
