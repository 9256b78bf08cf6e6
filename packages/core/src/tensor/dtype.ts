import { InvalidArgumentError, ValueError } from "../errors.js";

/** The name of an element type, in TensorFlow's lower-case spelling (`tf.DType.name`). */
export type DType = keyof typeof DTYPES;

/** Facts about one element type. */
export interface DTypeInfo {
  readonly name: DType;
  /** Number of the type in TensorFlow's `DataType` enum. */
  readonly enumValue: number;
  /** Bytes per element in memory and in files; 0 where elements have no fixed size (`string`, `variant`, …). */
  readonly size: number;
  /** Bytes of the unit that is reversed between byte orders; a complex number is two such units. */
  readonly swapUnit: number;
  /** Typed-array elements per tensor element: 2 for complex numbers, otherwise 1. */
  readonly lanes: number;
  /** Bits of each byte that carry the value: 4 or 2 for the sub-byte types, which take a whole byte each. */
  readonly bits: number;
}

const DTYPES = {
  float32: [1, 4],
  float64: [2, 8],
  int32: [3, 4],
  uint8: [4, 1],
  int16: [5, 2],
  int8: [6, 1],
  string: [7, 0],
  complex64: [8, 8, 4],
  int64: [9, 8],
  bool: [10, 1],
  qint8: [11, 1],
  quint8: [12, 1],
  qint32: [13, 4],
  bfloat16: [14, 2],
  qint16: [15, 2],
  quint16: [16, 2],
  uint16: [17, 2],
  complex128: [18, 16, 8],
  float16: [19, 2],
  resource: [20, 0],
  variant: [21, 0],
  uint32: [22, 4],
  uint64: [23, 8],
  float8_e5m2: [24, 1],
  float8_e4m3fn: [25, 1],
  float8_e4m3fnuz: [26, 1],
  float8_e4m3b11fnuz: [27, 1],
  float8_e5m2fnuz: [28, 1],
  int4: [29, 1, 1, 4],
  uint4: [30, 1, 1, 4],
  int2: [31, 1, 1, 2],
  uint2: [32, 1, 1, 2],
  float4_e2m1fn: [33, 1, 1, 4],
} as const satisfies Record<string, readonly number[]>;

const BY_NAME: ReadonlyMap<string, DTypeInfo> = new Map(
  Object.entries(DTYPES).map(([key, row]) => {
    const name = key as DType;
    const [enumValue, size, swapUnit = size, bits = size * 8] = row as readonly [number, number, number?, number?];
    const lanes = name === "complex64" || name === "complex128" ? 2 : 1;
    const info = { name, enumValue, size, swapUnit, lanes, bits };
    return [name, Object.freeze(info)] as const;
  }),
);

const BY_ENUM: ReadonlyMap<number, DTypeInfo> = new Map([...BY_NAME.values()].map((info) => [info.enumValue, info]));

/** Every element type that TensorFlow 2.21 has, in the order of its `DataType` enum. */
export const ALL_DTYPES: readonly DType[] = [...BY_NAME.values()].map((info) => info.name);

/** Distance between the `DataType` number of a type and that of its reference form. */
const REF_OFFSET = 100;

/**
 * Returns the facts about an element type.
 *
 * @throws {@link ValueError} if there is no such type.
 * @example
 * ```ts
 * import { dtypeInfo } from "@tfsaver/core";
 *
 * console.log(dtypeInfo("bfloat16").size); // 2
 * ```
 */
export function dtypeInfo(name: DType): DTypeInfo {
  const info = BY_NAME.get(name);
  if (info === undefined) throw new ValueError(`Unknown dtype '${String(name)}'. Known: ${ALL_DTYPES.join(", ")}`);
  return info;
}

/** Returns the `DataType` number of a type; with `ref`, that of its reference form (`DT_FLOAT_REF` for `float32`). */
export function dtypeToEnum(name: DType, ref = false): number {
  return dtypeInfo(name).enumValue + (ref ? REF_OFFSET : 0);
}

/**
 * Returns the type with a `DataType` number. A reference form gives its base type.
 *
 * @throws {@link InvalidArgumentError} if TensorFlow has no type with this number.
 */
export function dtypeFromEnum(value: number): DType {
  const info = BY_ENUM.get(value) ?? BY_ENUM.get(value - REF_OFFSET);
  if (info === undefined) throw new InvalidArgumentError(`Unknown DataType ${value}`);
  return info.name;
}

/** Returns the name of a type as TensorFlow's C++ messages spell it (`float` for `float32`). */
export function dtypeMessageName(name: DType): string {
  return MESSAGE_NAMES[name] ?? name;
}

const MESSAGE_NAMES: Partial<Record<DType, string>> = { float32: "float", float64: "double", float16: "half" };

/** True if every element of the type has the same size in bytes. False for `string`, `variant` and `resource`. */
export function isNumeric(name: DType): boolean {
  return dtypeInfo(name).size > 0;
}
