import { type DType, dtypeInfo, isNumeric, numElements, type Tensor, tensorFromBytes } from "@tfsaver/core";
import { elementReader } from "./element-reader.js";

/** Numbers of a tensor, each exact, apart from 64-bit integers beyond ±2^53. */
export type Numbers = Float32Array | Float64Array;

/** Values of all bit patterns, by dtypes of one or two bytes. */
const tables = new Map<DType, Float32Array>();

/** True if {@link numbersOf} can read the elements of a dtype: those that are numbers or booleans. */
export function hasNumbers(dtype: DType): boolean {
  return isNumeric(dtype) && dtypeInfo(dtype).size > 0;
}

/** Reads the elements of a tensor as numbers; `true` is 1. Of complex numbers, the real and imaginary parts in turn. */
export function numbersOf({ dtype, shape, data }: Tensor): Numbers {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  const count = numElements(shape);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const numbers = new Float64Array(count);
    for (let i = 0; i < count; i++) numbers[i] = Number(data[i]);
    return numbers;
  }
  const raw = data as Uint8Array | Uint16Array;
  const { size, bits } = dtypeInfo(dtype);
  if (size > 2 || (isInteger(dtype) && bits === 8 * size)) return new Float64Array(raw);
  const table = tableOf(dtype, size);
  const mask = table.length - 1;
  const numbers = new Float32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = table[(raw[i] as number) & mask] as number;
  return numbers;
}

function isInteger(dtype: DType): boolean {
  return /^q?u?int/.test(dtype);
}

function tableOf(dtype: DType, size: number): Float32Array {
  const known = tables.get(dtype);
  if (known !== undefined) return known;
  const patterns =
    size === 1 ? Uint8Array.from({ length: 256 }, (_, i) => i) : Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
  const bytes = new Uint8Array(patterns.buffer);
  const elementAt = elementReader(tensorFromBytes(dtype, [patterns.length], bytes));
  const table = Float32Array.from(patterns, (_, i) => Number(elementAt(i)));
  tables.set(dtype, table);
  return table;
}
