import {
  allocateTensor,
  dtypeInfo,
  formatShape,
  InvalidArgumentError,
  isNumeric,
  makeTensor,
  numElements,
  reshapeTensor,
  type Shape,
  type Tensor,
  tensorStrings,
  toTensor,
  zeroTensor,
} from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { bytesFor } from "../../run/tensor-size.js";
import { integersOf, shapeOf } from "../arguments.js";
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

function fill(call: KernelCall, shape: Shape, value: Tensor): Tensor {
  if (value.shape.length > 0) {
    throw new InvalidArgumentError(`value must be a scalar, got shape ${formatShape(value.shape)}`);
  }
  const { dtype } = value;
  const count = numElements(shape);
  call.reserve(bytesFor(dtype, shape));
  if (!isNumeric(dtype)) return makeTensor(dtype, shape, new Array(count).fill(tensorStrings(value)[0]));
  const result = allocateTensor(dtype, shape);
  const out = result.data as Float64Array;
  const { lanes } = dtypeInfo(dtype);
  const elements = value.data as unknown as Float64Array;
  if (lanes === 1) out.fill(elements[0] as number);
  else for (let i = 0; i < out.length; i++) out[i] = elements[i % lanes] as number;
  return result;
}

function zerosLike(call: KernelCall): Tensor {
  const { dtype, shape } = call.input(0);
  call.reserve(bytesFor(dtype, shape));
  return zeroTensor(dtype, shape);
}

function onesLike(call: KernelCall): Tensor {
  const { dtype, shape } = call.input(0);
  call.reserve(bytesFor(dtype, shape));
  const one = oneOf(dtype);
  const result = allocateTensor(dtype, shape);
  const out = result.data as unknown as { [index: number]: number | bigint };
  const { lanes } = dtypeInfo(dtype);
  for (let i = 0; i < result.data.length; i += lanes) out[i] = one;
  return result;
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
