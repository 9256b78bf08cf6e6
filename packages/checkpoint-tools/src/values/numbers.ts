import { type DType, dtypeInfo, isNumeric, numberDecoder, numElements, type Tensor } from "@tfsaver/core";

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
  const table = tableOf(dtype);
  const raw = data as Uint8Array | Uint16Array;
  if (table === undefined) return new Float64Array(raw);
  const mask = table.length - 1;
  const numbers = new Float32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = table[(raw[i] as number) & mask] as number;
  return numbers;
}

/** Returns the values of all bit patterns of a dtype; undefined if its elements are numbers already. */
function tableOf(dtype: DType): Float32Array | undefined {
  const known = tables.get(dtype);
  if (known !== undefined) return known;
  const decode = dtype === "bool" ? (raw: number) => (raw === 0 ? 0 : 1) : numberDecoder(dtype);
  if (decode === undefined) return undefined;
  const table = Float32Array.from({ length: 2 ** (8 * dtypeInfo(dtype).size) }, (_, raw) => decode(raw));
  tables.set(dtype, table);
  return table;
}
