import {
  bfloat16Bits,
  bfloat16ToNumber,
  type DType,
  dtypeInfo,
  float16Bits,
  float16ToNumber,
  UnimplementedError,
} from "@tfsaver/core";

/** How numbers of a dtype are computed with. Arrays round or wrap what is stored, so only the rest is said here. */
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

/** @throws `UnimplementedError` for dtypes that are not computed with here. */
export function numberKind(dtype: DType, opType: string): NumberKind {
  const kind = KINDS[dtype];
  if (kind === undefined) throw new UnimplementedError(`${opType} of ${dtype} is not supported`);
  return kind;
}

/** Between the elements of an array and the numbers that they stand for. */
export interface BitCodec {
  read(bits: number): number;
  /** Rounds to nearest even. */
  write(value: number): number;
}

const BIT_CODECS: Partial<Record<DType, BitCodec>> = {
  float16: { read: float16ToNumber, write: float16Bits },
  bfloat16: { read: bfloat16ToNumber, write: bfloat16Bits },
};

/** For dtypes whose arrays hold raw bits; `undefined` where they hold the numbers themselves. */
export function bitCodec(dtype: DType): BitCodec | undefined {
  return BIT_CODECS[dtype];
}

/** The array element that stands for 1. */
export function oneOf(dtype: DType): number | bigint {
  if (KINDS[dtype] === "bigint") return 1n;
  if (dtypeInfo(dtype).size === 0 || dtype.startsWith("float8") || dtype.startsWith("float4")) {
    throw new UnimplementedError(`OnesLike of ${dtype} is not supported`);
  }
  return bitCodec(dtype)?.write(1) ?? 1;
}
