import { type DType, dtypeMessageName, InvalidArgumentError, type Tensor, UnimplementedError } from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { computeNumbers, elementsOf } from "../compute.js";
import { broadcastIndices, broadcastShapes } from "./broadcast.js";
import { bitCodec, type NumberKind, numberKind, stepsPerNumber } from "./number-kinds.js";

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
export function arithmetic(
  call: KernelCall,
  opType: keyof typeof BINARY,
  a: Tensor,
  b: Tensor,
): Tensor | Promise<Tensor> {
  if (a.dtype !== b.dtype) {
    const [left, right] = [a, b].map(({ dtype }) => dtypeMessageName(dtype));
    throw new InvalidArgumentError(`${opType} needs two inputs of the same dtype, not ${left} and ${right}`);
  }
  const compute = functionFor<Binary<number>>(BINARY[opType], a.dtype, opType);
  const codec = bitCodec(a.dtype);
  const combine = codec && ((x: number, y: number) => codec.write(compute(codec.read(x), codec.read(y))));
  const shape = broadcastShapes(a.shape, b.shape);
  const [left, right] = [elementsOf(a), elementsOf(b)];
  const [nextLeft, nextRight] = [broadcastIndices(a.shape, shape), broadcastIndices(b.shape, shape)];
  const on = combine ?? compute;
  return computeNumbers(call, a.dtype, shape, stepsPerNumber(a.dtype), (out, start, end) => {
    for (let i = start; i < end; i++) out[i] = on(left[nextLeft()] as number, right[nextRight()] as number);
  });
}

/** Returns the function for a dtype. For 64-bit integers, it is a function of bigints. */
function functionFor<F>(functions: { readonly [K in NumberKind]?: unknown }, dtype: DType, opType: string): F {
  const compute = functions[numberKind(dtype, opType)];
  if (compute === undefined) throw new UnimplementedError(`${opType} of ${dtype} is not supported`);
  return compute as F;
}

function elementwise(call: KernelCall, opType: keyof typeof UNARY, x: Tensor): Tensor | Promise<Tensor> {
  const compute = functionFor<Unary<number>>(UNARY[opType], x.dtype, opType);
  const codec = bitCodec(x.dtype);
  const from = elementsOf(x);
  return computeNumbers(call, x.dtype, x.shape, stepsPerNumber(x.dtype), (out, start, end) => {
    for (let i = start; i < end; i++) {
      const value = from[i] as number;
      out[i] = codec === undefined ? compute(value) : codec.write(compute(codec.read(value)));
    }
  });
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
