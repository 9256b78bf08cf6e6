import { type DType, type Tensor, UnimplementedError } from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { computeNumbers, elementsOf } from "../compute.js";
import { bitCodec, numberKind, stepsPerNumber } from "./number-kinds.js";

const INT32_LIMIT = 2 ** 31;
const INT64_LIMIT = 2 ** 63;

/** Converts as x86 processors do: truncated; a value out of range or not a number becomes the lowest integer. */
function cutToInt32(value: number): number {
  const whole = Math.trunc(value);
  return whole >= -INT32_LIMIT && whole < INT32_LIMIT ? whole : -INT32_LIMIT;
}

function cutToInt64(value: number): bigint {
  const whole = Math.trunc(value);
  return whole >= -INT64_LIMIT && whole < INT64_LIMIT ? BigInt(whole) : -(2n ** 63n);
}

/** Rounds a 64-bit integer once to float32. A sticky bit stands for the bits that float64 can't hold. */
function bigIntToFloat32(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return Math.fround(number);
  const cut = value >> 12n;
  const marked = cut | ((value & 0xfffn) === 0n ? 0n : 1n);
  return Math.fround(Number(marked) * 4096);
}

type Element = number | bigint;

/** Returns a function that reads elements as numbers, or as bigints for 64-bit integers. */
function reader(dtype: DType): (element: Element) => Element {
  if (dtype === "bool") return (element) => element;
  numberKind(dtype, "Cast");
  const codec = bitCodec(dtype);
  return codec === undefined ? (element) => element : (element) => codec.read(element as number);
}

/** Returns a function that converts values of dtype `from` to elements of dtype `to`. */
function writer(from: DType, to: DType): (value: Element) => Element {
  if (to === "bool") return (value) => (Number(value) === 0 ? 0 : 1);
  const target = numberKind(to, "Cast");
  const source = from === "bool" ? "int" : numberKind(from, "Cast");
  const codec = bitCodec(to);
  // As in TensorFlow, 16-bit floats are converted through float32.
  const single = (value: Element) => (typeof value === "bigint" ? bigIntToFloat32(value) : Math.fround(value));
  if (codec !== undefined) return (value) => codec.write(single(value));
  if (target === "float") return to === "float32" ? single : Number;
  if (target === "bigint") return source === "float" ? (value) => cutToInt64(value as number) : BigInt;
  if (source === "bigint") return (value) => Number(BigInt.asIntN(32, value as bigint));
  if (source === "int") return (value) => value;
  return to === "uint32"
    ? (value) => Number(BigInt.asIntN(32, cutToInt64(value as number)))
    : (value) => cutToInt32(value as number);
}

function cast(call: KernelCall, x: Tensor, to: DType): Tensor | Promise<Tensor> {
  if (x.dtype === to) return x;
  if (!ArrayBuffer.isView(x.data)) throw new UnimplementedError(`Cast of ${x.dtype} to ${to} is not supported`);
  const read = reader(x.dtype);
  const write = writer(x.dtype, to) as (value: Element) => number;
  const from = elementsOf(x);
  return computeNumbers(call, to, x.shape, stepsPerNumber(x.dtype) + stepsPerNumber(to), (out, start, end) => {
    for (let i = start; i < end; i++) out[i] = write(read(from[i] as Element));
  });
}

/** Kernel of the operation that converts between dtypes. */
export const castKernels: Readonly<Record<string, Kernel>> = {
  Cast: (call) => cast(call, call.input(0), call.attributes.type("DstT")),
};
