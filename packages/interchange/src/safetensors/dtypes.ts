import type { DType } from "@tfsaver/core";

/** Safetensors' names of dtypes, in the order in which its own writer sorts tensors, last first. */
const NAMES: readonly (readonly [name: string, dtype: DType])[] = [
  ["BOOL", "bool"],
  ["U8", "uint8"],
  ["I8", "int8"],
  ["F8_E5M2", "float8_e5m2"],
  ["F8_E4M3", "float8_e4m3fn"],
  ["F8_E4M3FNUZ", "float8_e4m3fnuz"],
  ["F8_E5M2FNUZ", "float8_e5m2fnuz"],
  ["I16", "int16"],
  ["U16", "uint16"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["I32", "int32"],
  ["U32", "uint32"],
  ["F32", "float32"],
  ["F64", "float64"],
  ["I64", "int64"],
  ["U64", "uint64"],
];

const BY_DTYPE = new Map(NAMES.map(([name, dtype], rank) => [dtype, { name, rank }]));
// Complex numbers are read, but not written: versions of safetensors before 0.6 can't read the file then.
const BY_NAME = new Map<string, DType>([...NAMES, ["C64", "complex64"]]);

/** Returns safetensors' name of a dtype and its place in the order of dtypes; `undefined` if it lacks the dtype. */
export function safetensorsDtype(dtype: DType): { readonly name: string; readonly rank: number } | undefined {
  return BY_DTYPE.get(dtype);
}

/** Returns the dtype with a name of safetensors; `undefined` if TensorFlow lacks it. */
export function dtypeOfSafetensors(name: string): DType | undefined {
  return BY_NAME.get(name);
}

/** Returns the dtype to which one that safetensors lacks can be cast. */
export function castForSafetensors(dtype: DType): DType | undefined {
  return CASTS[dtype];
}

const CASTS: Partial<Record<DType, DType>> = {
  qint8: "int8",
  quint8: "uint8",
  qint16: "int16",
  quint16: "uint16",
  qint32: "int32",
  int4: "int8",
  int2: "int8",
  uint4: "uint8",
  uint2: "uint8",
  float8_e4m3b11fnuz: "float32",
  float4_e2m1fn: "float32",
};
