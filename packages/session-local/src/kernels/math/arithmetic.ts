import {
  allocateTensor,
  dtypeMessageName,
  InvalidArgumentError,
  numElements,
  type Tensor,
  UnimplementedError,
} from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { bytesFor } from "../../run/tensor-size.js";
import { broadcastShapes, forEachBroadcast } from "./broadcast.js";
import { bitCodec, type NumberKind, numberKind } from "./number-kinds.js";

type Binary<T> = (x: T, y: T) => T;
type Unary<T> = (x: T) => T;

/** One function per kind of number. A missing one means that the operation is not defined for that kind. */
type BinaryFunctions = { readonly [K in NumberKind]?: Binary<K extends "bigint" ? bigint : number> };
type UnaryFunctions = { readonly [K in NumberKind]?: Unary<K extends "bigint" ? bigint : number> };

const DIVIDE: BinaryFunctions = {
  float: (x, y) => x / y,
  int: (x, y) => Math.trunc(x / requireNonZero(y)),
  bigint: (x, y) => x / requireNonZero(y),
};

const ADD: BinaryFunctions = { float: (x, y) => x + y, int: (x, y) => x + y, bigint: (x, y) => x + y };

/** Elementwise functions of two numbers. */
const BINARY = {
  Add: ADD,
  AddV2: ADD,
  Sub: { float: (x, y) => x - y, int: (x, y) => x - y, bigint: (x, y) => x - y },
  Mul: { float: (x, y) => x * y, int: Math.imul, bigint: (x, y) => x * y },
  Div: DIVIDE,
  RealDiv: { float: (x, y) => x / y },
} as const satisfies Record<string, BinaryFunctions>;

/** Elementwise functions of one number. */
const UNARY = {
  Neg: { float: (x) => -x, int: (x) => -x, bigint: (x) => -x },
  Sqrt: { float: Math.sqrt },
  Rsqrt: { float: (x) => 1 / Math.sqrt(x) },
} as const satisfies Record<string, UnaryFunctions>;

function requireNonZero<T extends number | bigint>(divisor: T): T {
  // Covers both 0 and 0n.
  if (!divisor) throw new InvalidArgumentError("Integer division by zero");
  return divisor;
}

/**
 * Computes an elementwise function of two tensors of the same dtype, with broadcasting. As in TensorFlow's CPU kernels,
 * floating point is rounded to the dtype after each operation, and integers wrap.
 */
export function arithmetic(call: KernelCall, opType: keyof typeof BINARY, a: Tensor, b: Tensor): Tensor {
  if (a.dtype !== b.dtype) {
    const [left, right] = [a, b].map(({ dtype }) => dtypeMessageName(dtype));
    throw new InvalidArgumentError(`${opType} needs two inputs of the same dtype, not ${left} and ${right}`);
  }
  const kind = numberKind(a.dtype, opType);
  const compute = (BINARY[opType] as BinaryFunctions)[kind] as Binary<number> | undefined;
  if (compute === undefined) throw new UnimplementedError(`${opType} of ${a.dtype} is not supported`);
  const codec = bitCodec(a.dtype);
  const shape = broadcastShapes(a.shape, b.shape);
  call.reserve(bytesFor(a.dtype, shape));
  const result = allocateTensor(a.dtype, shape);
  const on = codec && ((x: number, y: number) => codec.write(compute(codec.read(x), codec.read(y))));
  combine(on ?? compute, a, b, result);
  return result;
}

function combine(compute: Binary<number>, a: Tensor, b: Tensor, result: Tensor): void {
  // Arrays of 64-bit integers contain bigints; `compute` is then a function of bigints.
  const [left, right, out] = [a.data, b.data, result.data] as unknown as [Float64Array, Float64Array, Float64Array];
  const count = out.length;
  const isSame = left.length === count && right.length === count;
  if (isSame || left.length === 1 || right.length === 1) {
    const leftStep = left.length === 1 ? 0 : 1;
    const rightStep = right.length === 1 ? 0 : 1;
    for (let i = 0; i < count; i++) {
      out[i] = compute(left[i * leftStep] as number, right[i * rightStep] as number);
    }
    return;
  }
  forEachBroadcast(a.shape, result.shape, (i, from) => {
    out[i] = left[from] as number;
  });
  forEachBroadcast(b.shape, result.shape, (i, from) => {
    out[i] = compute(out[i] as number, right[from] as number);
  });
}

function elementwise(call: KernelCall, opType: keyof typeof UNARY, x: Tensor): Tensor {
  const kind = numberKind(x.dtype, opType);
  const compute = (UNARY[opType] as UnaryFunctions)[kind] as Unary<number> | undefined;
  if (compute === undefined) throw new UnimplementedError(`${opType} of ${x.dtype} is not supported`);
  const codec = bitCodec(x.dtype);
  call.reserve(bytesFor(x.dtype, x.shape));
  const result = allocateTensor(x.dtype, x.shape);
  const [from, out] = [x.data, result.data] as unknown as [Float64Array, Float64Array];
  for (let i = 0; i < numElements(x.shape); i++) {
    const value = from[i] as number;
    out[i] = codec === undefined ? compute(value) : codec.write(compute(codec.read(value)));
  }
  return result;
}

/** Kernels of arithmetic. */
export const arithmeticKernels: Readonly<Record<string, Kernel>> = Object.fromEntries([
  ...Object.keys(BINARY).map((opType) => {
    const kernel: Kernel = (call) => arithmetic(call, opType as keyof typeof BINARY, call.input(0), call.input(1));
    return [opType, kernel];
  }),
  ...Object.keys(UNARY).map((opType) => {
    const kernel: Kernel = (call) => elementwise(call, opType as keyof typeof UNARY, call.input(0));
    return [opType, kernel];
  }),
]);
