import type { TensorInfo } from "@tfsaver/checkpoint-reader";
import { formatShape, type NumericData, shapesEqual, type Tensor, ValueError } from "@tfsaver/core";
import type { VariableSaveable } from "../values/variable-saveable.js";

/** A weight, and the value of a checkpoint that is loaded into it. */
export interface WeightAndValue {
  readonly name: string;
  readonly saveable: VariableSaveable;
  readonly info: TensorInfo;
  readonly transpose: readonly number[] | undefined;
}

/** A weight with what keeps it from its value. */
export interface PlannedWeight extends WeightAndValue {
  /** Undefined if the value fits. */
  readonly problem: string | undefined;
}

const MAX_INT32 = 2n ** 31n - 1n;

/** Compares a weight with its value. */
export function planWeight(weight: WeightAndValue): PlannedWeight {
  return { ...weight, problem: problemOf(weight) };
}

function problemOf({ saveable, info, transpose }: WeightAndValue): string | undefined {
  const { dtype, shape } = saveable.variable;
  const isPermutation =
    transpose === undefined ||
    shapesEqual(
      [...transpose].sort((a, b) => a - b),
      [...info.shape.keys()],
    );
  const here = `${dtype} ${formatShape(shape)}`;
  const there = `${info.dtype} ${formatShape(info.shape)}`;
  if (!isPermutation) return `transpose is [${transpose}], which does not name each axis of ${there} once`;
  const found = transpose === undefined ? info.shape : transpose.map((axis) => info.shape[axis] as number);
  const isOfDtype = info.dtype === dtype || (info.dtype === "int64" && dtype === "int32");
  if (isOfDtype && shapesEqual(found, shape)) return undefined;
  const isGru = shapesEqual(info.shape, [2, ...shape]) && shape.length === 1 && (shape[0] as number) % 3 === 0;
  const hint = isGru
    ? "; the bias of a Keras GRU with reset_after=True can't be converted: TensorFlow.js has no such GRU"
    : "";
  return `the weight is ${here}, the checkpoint has ${there}${transpose === undefined ? "" : ` and transpose is [${transpose}]`}${hint}`;
}

/** @throws `ValueError` if an int64 does not fit into an int32. */
export function converted({ name, saveable, info, transpose }: WeightAndValue, tensor: Tensor): Tensor {
  const data =
    info.dtype === "int64" && saveable.variable.dtype === "int32" ? narrowed(tensor, name, info.name) : tensor.data;
  if (transpose === undefined) return { dtype: tensor.dtype, shape: tensor.shape, data };
  return transposed(data as NumericData, tensor, transpose);
}

function narrowed({ data }: Tensor, name: string, key: string): Int32Array {
  return Int32Array.from(data as BigInt64Array, (value: bigint) => {
    if (value <= MAX_INT32 && value >= -MAX_INT32 - 1n) return Number(value);
    throw new ValueError(
      `${name} is int32, but ${key} has the int64 value ${value}, which does not fit. No weight was changed. Leave the weight ` +
        "out, or keep the value elsewhere.",
      { tensor: key },
    );
  }) as Int32Array;
}

/** Returns a tensor whose axis `i` is the axis `order[i]` of another one. */
function transposed(data: NumericData, { dtype, shape }: Tensor, order: readonly number[]): Tensor {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const newShape = order.map((axis) => shape[axis] as number);
  const newStrides = order.map((axis) => strides[axis] as number);
  const result = data.slice();
  const index = newShape.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from] as number;
    for (let axis = newShape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      from += newStrides[axis] as number;
      if ((index[axis] as number) < (newShape[axis] as number)) break;
      from -= (newStrides[axis] as number) * (newShape[axis] as number);
      index[axis] = 0;
    }
  }
  return { dtype, shape: newShape, data: result };
}
