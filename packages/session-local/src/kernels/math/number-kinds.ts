import {
  bfloat16Bits,
  bfloat16ToNumber,
  type DType,
  dtypeInfo,
  float16Bits,
  float16ToNumber,
  UnimplementedError,
} from "@tfsaver/core";

/** The arithmetic of a dtype. Storing a number in an array rounds or wraps it to the dtype. */
export type NumberKind = "float" | "int" | "bigint";

const KINDS: Partial<Record<DType, NumberKind>> = {
  float32: "float",
  float64: "float",
  float16: "float",
  bfloat16: "float",
  int8: "int",
  int16: "int",
  int32: "int",
  uint8: "int",
  uint16: "int",
  uint32: "int",
  int64: "bigint",
  uint64: "bigint",
};

/** True if there is arithmetic with the dtype. */
export function isNumber(dtype: DType): boolean {
  return KINDS[dtype] !== undefined;
}

/** @throws `UnimplementedError` if arithmetic with the dtype is not supported. */
export function numberKind(dtype: DType, opType: string): NumberKind {
  const kind = KINDS[dtype];
  if (kind === undefined) throw new UnimplementedError(`${opType} of ${dtype} is not supported`);
  return kind;
}

/** Returns the nanoseconds, roughly, that an elementwise function takes for each element. */
export function stepsPerNumber(dtype: DType): number {
  if (KINDS[dtype] === "bigint") return 64;
  return bitCodec(dtype) === undefined ? 16 : 48;
}

/** Converts between array elements and the numbers that they represent. */
export interface BitCodec {
  read(bits: number): number;
  /** Rounds to the nearest number, ties to even. */
  write(value: number): number;
}

const BIT_CODECS: Partial<Record<DType, BitCodec>> = {
  float16: { read: float16ToNumber, write: float16Bits },
  bfloat16: { read: bfloat16ToNumber, write: bfloat16Bits },
};

/** Returns the codec of a dtype whose arrays contain raw bits, or `undefined` if they contain numbers. */
export function bitCodec(dtype: DType): BitCodec | undefined {
  return BIT_CODECS[dtype];
}

/** Returns the array element that represents 1. */
export function oneOf(dtype: DType): number | bigint {
  if (KINDS[dtype] === "bigint") return 1n;
  if (dtypeInfo(dtype).size === 0 || dtype.startsWith("float8") || dtype.startsWith("float4")) {
    throw new UnimplementedError(`OnesLike of ${dtype} is not supported`);
  }
  return bitCodec(dtype)?.write(1) ?? 1;
}
