import {
  allocateTensor,
  type DType,
  dtypeInfo,
  InvalidArgumentError,
  isNumeric,
  type Tensor,
  ValueError,
} from "@tfsaver/core";
import { type Element, elementReader } from "../../values/element-reader.js";
import { floatEncoder } from "../../values/float-encoder.js";
import type { EditedTensor } from "../edited-tensor.js";

/** Dtypes that a tensor can be cast to. */
const TARGETS = /^(?:bool|u?int\d+|b?float.*|complex\d+)$/;

/**
 * Makes sure that a dtype can be cast to another one.
 *
 * @throws `ValueError`
 */
export function requireCast({ name, dtype }: Pick<EditedTensor, "name" | "dtype">, target: DType): void {
  if (dtype === target) return;
  const message = `${name} has dtype ${dtype}, which can't be cast to ${target}`;
  if (!isNumeric(dtype)) throw new ValueError(`${message}: only numbers can be cast`, { tensor: name });
  if (!TARGETS.test(target)) {
    throw new ValueError(`${message}: cast to a floating-point, integer or complex dtype, or to bool`, {
      tensor: name,
    });
  }
  if (dtypeInfo(dtype).lanes === 2 && dtypeInfo(target).lanes === 1) {
    throw new ValueError(`${message}: cast complex numbers to complex64 or complex128`, { tensor: name });
  }
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
    const toBits = floatEncoder(dtype);
    if (toBits !== undefined && (data instanceof Uint16Array || data instanceof Uint8Array)) {
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
  const toBits = floatEncoder(dtype);
  if (toBits !== undefined) return (value) => toBits(Number(value));
  if (isFloats(data)) return Number;
  const bits = BigInt(dtypeInfo(dtype).bits);
  const isSigned = !dtype.startsWith("u");
  const [min, max] = isSigned ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
  const isWide = bits === 64n;
  // An integer of 4 or 2 bits takes the low bits of a byte.
  const mask = bits < 8n ? Number(1n << bits) - 1 : undefined;
  return (value) => {
    if (typeof value === "number" && !Number.isFinite(value)) return undefined;
    const whole = typeof value === "number" ? Math.trunc(value) : value;
    if (isWide) {
      const integer = BigInt(whole);
      return integer < min || integer > max ? undefined : integer;
    }
    const integer = Number(whole);
    if (integer < min || integer > max) return undefined;
    return mask === undefined ? integer : integer & mask;
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
