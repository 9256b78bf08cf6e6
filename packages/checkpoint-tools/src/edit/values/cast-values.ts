import {
  allocateTensor,
  bfloat16Bits,
  type DType,
  dtypeInfo,
  float16Bits,
  InvalidArgumentError,
  isNumeric,
  type Tensor,
  ValueError,
} from "@tfsaver/core";
import { type Element, elementReader } from "../../values/element-reader.js";
import type { EditedTensor } from "../edited-tensor.js";

/** Dtypes that a tensor can be cast to. */
const TARGETS = /^(?:bool|u?int(?:8|16|32|64)|float(?:16|32|64)|bfloat16|complex(?:64|128))$/;

/**
 * Makes sure that a dtype can be cast to another one.
 *
 * @throws `ValueError`
 */
export function requireCast({ name, dtype }: Pick<EditedTensor, "name" | "dtype">, target: DType): void {
  const isPossible =
    dtype === target ||
    (TARGETS.test(target) && isNumeric(dtype) && (dtypeInfo(dtype).lanes === 1 || dtypeInfo(target).lanes === 2));
  if (!isPossible)
    throw new ValueError(`${name} has dtype ${dtype}, which can't be cast to ${target}`, { tensor: name });
}

/** Returns a tensor whose values are cast while they are read, as `tf.cast` does. */
export function castEdited(tensor: EditedTensor, dtype: DType): EditedTensor {
  const { name, values } = tensor;
  const [from, to] = [dtypeInfo(tensor.dtype).size, dtypeInfo(dtype).size];
  return {
    ...tensor,
    dtype,
    size: (tensor.size / from) * to,
    values: {
      get: async (slice, options) => castTensor(name, await values.get(slice, options), dtype),
      async *stream({ pieceBytes, ...options }) {
        const inner = pieceBytes === undefined ? {} : { pieceBytes: Math.max(1, Math.floor(pieceBytes / to)) * from };
        for await (const piece of values.stream({ ...options, ...inner })) yield castTensor(name, piece, dtype);
      },
    },
  };
}

/**
 * Casts a tensor. Numbers are rounded to the nearest that the dtype can hold, ties to even; on the way to integers, fractions are
 * dropped.
 *
 * @throws `InvalidArgumentError` if a number does not fit into the range of an integer type.
 */
function castTensor(name: string, tensor: Tensor, dtype: DType): Tensor {
  if (tensor.dtype === dtype) return tensor;
  const target = allocateTensor(dtype, tensor.shape);
  const { data } = target;
  const source = tensor.data;
  const isSameKind = dtypeInfo(tensor.dtype).lanes === dtypeInfo(dtype).lanes;
  if (isFloats(source) && isSameKind) {
    if (isFloats(data)) {
      data.set(source);
      return target;
    }
    const toBits = { float16: float16Bits, bfloat16: bfloat16Bits }[dtype as string];
    if (toBits !== undefined && data instanceof Uint16Array) {
      for (let i = 0; i < source.length; i++) data[i] = toBits(source[i] as number);
      return target;
    }
  }
  const count = data.length / dtypeInfo(dtype).lanes;
  const read = elementReader(tensor);
  const store = data as { [index: number]: number | bigint };
  if (dtypeInfo(dtype).lanes === 2) {
    for (let i = 0; i < count; i++) {
      const value = read(i);
      [store[2 * i], store[2 * i + 1]] = Array.isArray(value) ? (value as [number, number]) : [Number(value), 0];
    }
    return target;
  }
  const convert = converterTo(dtype, data);
  for (let i = 0; i < count; i++) {
    const value = read(i) as number | bigint | boolean;
    const kept = convert(value);
    if (kept === undefined) throw misfit(name, value, tensor.dtype, dtype);
    store[i] = kept;
  }
  return target;
}

function isFloats(data: unknown): data is Float32Array | Float64Array {
  return data instanceof Float32Array || data instanceof Float64Array;
}

/** Returns how to convert a number to an element; the conversion returns `undefined` if it does not fit. */
function converterTo(dtype: DType, data: unknown): (value: number | bigint | boolean) => number | bigint | undefined {
  if (dtype === "bool") return (value) => (value ? 1 : 0);
  if (dtype === "float16") return (value) => float16Bits(Number(value));
  if (dtype === "bfloat16") return (value) => bfloat16Bits(Number(value));
  if (isFloats(data)) return Number;
  const bits = BigInt(dtypeInfo(dtype).bits);
  const isSigned = !dtype.startsWith("u");
  const [min, max] = isSigned ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
  const isWide = bits === 64n;
  return (value) => {
    if (typeof value === "number" && !Number.isFinite(value)) return undefined;
    const whole = typeof value === "number" ? Math.trunc(value) : value;
    if (isWide) {
      const integer = BigInt(whole);
      return integer < min || integer > max ? undefined : integer;
    }
    const integer = Number(whole);
    return integer < min || integer > max ? undefined : integer;
  };
}

function misfit(name: string, value: Element, from: DType, to: DType): InvalidArgumentError {
  return new InvalidArgumentError(
    `${name} can't be cast from ${from} to ${to}: it holds ${value}, which does not fit`,
    {
      tensor: name,
    },
  );
}
