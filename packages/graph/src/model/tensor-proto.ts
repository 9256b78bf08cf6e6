import {
  allocateTensor,
  byteLength,
  DataLossError,
  type DType,
  dtypeFromEnum,
  dtypeInfo,
  dtypeToEnum,
  formatShape,
  makeTensor,
  type NumericData,
  numElements,
  ResourceExhaustedError,
  type Tensor,
  tensorBytes,
  tensorFromBytes,
  tensorStrings,
  UnimplementedError,
} from "@tfsaver/core";
import { VarintReader } from "@tfsaver/core/coding";
import { TensorProto } from "@tfsaver/proto/graph";
import { shapeFromProto, shapeToProto } from "./shape-proto.js";

/** The field of {@link TensorProto} that lists the values of a dtype. */
type ValueField =
  | "floatVal"
  | "doubleVal"
  | "intVal"
  | "int64Val"
  | "boolVal"
  | "scomplexVal"
  | "dcomplexVal"
  | "halfVal"
  | "uint32Val"
  | "uint64Val"
  | "float8Val";

function valueField(dtype: DType): ValueField {
  switch (dtype) {
    case "float32":
      return "floatVal";
    case "float64":
      return "doubleVal";
    case "int64":
      return "int64Val";
    case "bool":
      return "boolVal";
    case "complex64":
      return "scomplexVal";
    case "complex128":
      return "dcomplexVal";
    case "float16":
    case "bfloat16":
      return "halfVal";
    case "uint32":
      return "uint32Val";
    case "uint64":
      return "uint64Val";
    default:
      return dtype.startsWith("float8") || dtype.startsWith("float4") ? "float8Val" : "intVal";
  }
}

/** Dtypes that are always written as a list of values. Other dtypes are listed only for tensors of 0 or 1 elements. */
const LISTED_DTYPES: ReadonlySet<DType> = new Set<DType>([
  "bool",
  "complex64",
  "complex128",
  "uint16",
  "int4",
  "uint4",
  "int2",
  "uint2",
]);

/**
 * Converts a tensor to a message, with the layout of `tf.make_tensor_proto`: raw bytes, or a list of values.
 *
 * @example
 * ```ts
 * import { toTensor } from "@tfsaver/core";
 * import { tensorToProto } from "@tfsaver/graph";
 *
 * console.log(tensorToProto(toTensor(3, "int32")).intVal); // [ 3 ]
 * console.log(tensorToProto(toTensor([1, 2])).tensorContent.length); // 8
 * ```
 *
 * @throws `UnimplementedError` for `resource` and `variant`.
 */
export function tensorToProto(tensor: Tensor): TensorProto {
  const { dtype, shape, data } = tensor;
  const base = { dtype: dtypeToEnum(dtype), tensorShape: shapeToProto(shape) };
  if (dtype === "string") return TensorProto.create({ ...base, stringVal: [...tensorStrings(tensor)] });
  if (!ArrayBuffer.isView(data)) throw new UnimplementedError(`A ${dtype} tensor can't be stored in a graph`);
  if (!LISTED_DTYPES.has(dtype) && numElements(shape) > 1) {
    return TensorProto.create({ ...base, tensorContent: tensorBytes(tensor) });
  }
  const field = valueField(dtype);
  if (field === "float8Val") return TensorProto.create({ ...base, float8Val: tensorBytes(tensor) });
  const { bits } = dtypeInfo(dtype);
  const isSigned = bits < 8 && dtype.startsWith("int");
  const values = Array.from(data as ArrayLike<number | bigint>, (value) => (isSigned ? signed(value, bits) : value));
  return TensorProto.create({ ...base, [field]: field === "boolVal" ? values.map(Boolean) : values });
}

/** Reads the low bits as a signed integer. */
function signed(value: number | bigint, bits: number): number {
  return (Number(value) << (32 - bits)) >> (32 - bits);
}

// The largest tensors that are filled by repeating a value, so that a few bytes can't ask for all memory.
const MAX_REPEATED_BYTES = 2 ** 31;
const MAX_REPEATED_STRINGS = 2 ** 24;

/**
 * Converts a message to a tensor. As in TensorFlow, a list of values that is too short repeats its last value, and one
 * that is too long is cut.
 *
 * @example
 * ```ts
 * import { toTensor } from "@tfsaver/core";
 * import { tensorFromProto, tensorToProto } from "@tfsaver/graph";
 *
 * console.log(tensorFromProto(tensorToProto(toTensor([1, 2]))).data); // Float32Array(2) [ 1, 2 ]
 * ```
 *
 * @throws `DataLossError` if the values don't fit dtype and shape; `ResourceExhaustedError` if repeated values would fill
 * more than 2 GiB; `UnimplementedError` for `resource` and `variant`.
 */
export function tensorFromProto(proto: TensorProto): Tensor {
  const dtype = dtypeFromEnum(proto.dtype);
  const shape = shapeFromProto(proto.tensorShape ?? shapeToProto([])) ?? [];
  if (shape.some((size) => size < 0))
    throw new DataLossError(`A tensor message has the invalid shape ${formatShape(shape)}`);
  if (dtype === "string") return stringsFromProto(proto, shape);
  const { size } = dtypeInfo(dtype);
  if (size === 0) throw new UnimplementedError(`A ${dtype} tensor can't be read from a graph`);
  if (proto.tensorContent.length > 0) return fromContent(dtype, shape, proto.tensorContent);
  if (byteLength(dtype, shape) > MAX_REPEATED_BYTES) throw tooLarge(dtype, shape);
  return fromValues(dtype, shape, proto);
}

function fromValues(dtype: DType, shape: readonly number[], proto: TensorProto): Tensor {
  const { lanes, bits } = dtypeInfo(dtype);
  const field = valueField(dtype);
  const given = (field === "float8Val" ? [...proto.float8Val] : proto[field]) as readonly (number | bigint | boolean)[];
  const tensor = allocateTensor(dtype, shape);
  const data = tensor.data as { [index: number]: number | bigint; length: number };
  // A trailing half of a complex number is ignored.
  const whole = given.length - (given.length % lanes);
  for (let i = 0; i < Math.min(data.length, whole); i++) {
    const value = given[i] as number | bigint | boolean;
    data[i] = typeof value === "bigint" ? value : Number(value);
  }
  if (whole > 0) repeatLast(tensor.data, whole, lanes);
  if (bits < 8) keepLowBits(tensor, bits);
  return tensor;
}

/** Repeats the last element of those that are set, which has `lanes` numbers, up to the end. */
function repeatLast(data: NumericData, set: number, lanes: number): void {
  // In strides that double: a loop over the elements takes seconds for a large tensor.
  for (let end = set; end < data.length; ) {
    const length = Math.min(end - set + lanes, data.length - end);
    data.copyWithin(end, set - lanes, set - lanes + length);
    end += length;
  }
}

function fromContent(dtype: DType, shape: readonly number[], content: Uint8Array): Tensor {
  const { size, bits } = dtypeInfo(dtype);
  requireLength(content.length, numElements(shape) * size, dtype);
  const tensor = tensorFromBytes(dtype, shape, content);
  if (bits < 8) keepLowBits(tensor, bits);
  return tensor;
}

function keepLowBits(tensor: Tensor, bits: number): void {
  const bytes = tensorBytes(tensor);
  for (const [i, byte] of bytes.entries()) bytes[i] = byte & ((1 << bits) - 1);
}

function stringsFromProto(proto: TensorProto, shape: readonly number[]): Tensor {
  const count = numElements(shape);
  const given = proto.tensorContent.length > 0 ? stringsOf(proto.tensorContent, count) : proto.stringVal;
  if (count > given.length && count > MAX_REPEATED_STRINGS) throw tooLarge("string", shape);
  const last = given.at(-1) ?? new Uint8Array();
  return makeTensor(
    "string",
    shape,
    Array.from({ length: count }, (_, i) => given[i] ?? last),
  );
}

/** Splits the content of a string tensor: the lengths of all strings as varints, then their bytes. */
function stringsOf(content: Uint8Array, count: number): Uint8Array[] {
  const reader = new VarintReader(content);
  const lengths: number[] = [];
  while (lengths.length < count) lengths.push(reader.next());
  let at = reader.offset;
  const strings = lengths.map((length) => {
    const start = at;
    at += length;
    return content.subarray(start, at);
  });
  requireLength(content.length, at, "string");
  return strings;
}

function requireLength(actual: number, wanted: number, dtype: DType): void {
  if (actual === wanted) return;
  throw new DataLossError(`The content of a ${dtype} tensor has ${actual} bytes, expected ${wanted}`);
}

function tooLarge(dtype: DType, shape: readonly number[]): ResourceExhaustedError {
  return new ResourceExhaustedError(
    `A ${dtype} tensor of shape ${formatShape(shape)} is too large to be stored in a graph`,
  );
}
