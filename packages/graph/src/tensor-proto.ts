import {
  allocateTensor,
  DataLossError,
  type DType,
  dtypeFromEnum,
  dtypeInfo,
  dtypeToEnum,
  makeTensor,
  type NumericData,
  numElements,
  type Tensor,
  tensorBytes,
  tensorStrings,
  UnimplementedError,
} from "@tfsaver/core";
import { TensorProto } from "@tfsaver/proto/graph";
import { shapeFromProto, shapeToProto } from "./attributes.js";

/** Which list of {@link TensorProto} holds the values of a dtype. */
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
      return dtype.startsWith("float8") ? "float8Val" : "intVal";
  }
}

/** Dtypes whose tensors of more than one element are written as raw bytes. */
const CONTENT_DTYPES: ReadonlySet<DType> = new Set<DType>([
  "float32",
  "float64",
  "int32",
  "uint8",
  "int16",
  "int8",
  "int64",
  "qint8",
  "quint8",
  "qint16",
  "quint16",
  "qint32",
  "uint32",
  "uint64",
]);

/** A tensor as a message, laid out as `tf.make_tensor_proto` lays it out: raw bytes, or a list of values. */
export function tensorToProto(tensor: Tensor): TensorProto {
  const { dtype, shape, data } = tensor;
  const base = { dtype: dtypeToEnum(dtype), tensorShape: shapeToProto(shape) };
  if (dtype === "string") return TensorProto.create({ ...base, stringVal: [...tensorStrings(tensor)] });
  if (!ArrayBuffer.isView(data)) throw new UnimplementedError(`A ${dtype} tensor can't be part of a graph`);
  if (CONTENT_DTYPES.has(dtype) && numElements(shape) > 1) {
    return TensorProto.create({ ...base, tensorContent: tensorBytes(tensor) });
  }
  const field = valueField(dtype);
  if (field === "float8Val") return TensorProto.create({ ...base, float8Val: tensorBytes(tensor) });
  const values = [...(data as Iterable<number | bigint>)];
  return TensorProto.create({ ...base, [field]: field === "boolVal" ? values.map(Boolean) : values });
}

/**
 * The tensor of a message. A list of values that is shorter than the shape repeats its last one.
 *
 * @throws `DataLossError` if the values don't fit dtype and shape.
 */
export function tensorFromProto(proto: TensorProto): Tensor {
  const dtype = dtypeFromEnum(proto.dtype);
  const shape = shapeFromProto(proto.tensorShape ?? shapeToProto([]));
  if (shape === undefined) throw new DataLossError("A tensor's shape is not fully known");
  if (dtype === "string")
    return makeTensor(dtype, shape, repeatLast(proto.stringVal, numElements(shape), new Uint8Array()));
  const { size, lanes } = dtypeInfo(dtype);
  if (size === 0) throw new UnimplementedError(`A ${dtype} tensor of a graph can't be read`);
  if (proto.tensorContent.length > 0) return fromContent(dtype, shape, proto.tensorContent);
  const field = valueField(dtype);
  const given = (field === "float8Val" ? [...proto.float8Val] : proto[field]) as readonly (number | bigint | boolean)[];
  const count = numElements(shape) * lanes;
  if (given.length > count) throw new DataLossError(`A tensor of ${count} values has ${given.length}`);
  const tensor = allocateTensor(dtype, shape);
  const data = tensor.data as { [index: number]: number | bigint };
  for (let i = 0; i < count && given.length > 0; i++) {
    // Complex values repeat as pairs.
    const index = i < given.length ? i : given.length - lanes + (i % lanes);
    const value = given[index] as number | bigint | boolean;
    data[i] = typeof value === "boolean" ? Number(value) : value;
  }
  return tensor;
}

function fromContent(dtype: DType, shape: readonly number[], content: Uint8Array): Tensor {
  const wanted = numElements(shape) * dtypeInfo(dtype).size;
  if (content.length !== wanted) {
    throw new DataLossError(`A tensor's content has ${content.length} bytes, but its dtype and shape take ${wanted}`);
  }
  const tensor: Tensor & { readonly data: NumericData } = allocateTensor(dtype, shape);
  tensorBytes(tensor).set(content);
  return tensor;
}

function repeatLast<T>(values: readonly T[], count: number, none: T): T[] {
  if (values.length > count) throw new DataLossError(`A tensor of ${count} values has ${values.length}`);
  const last = values.at(-1) ?? none;
  return Array.from({ length: count }, (_, i) => values[i] ?? last);
}
