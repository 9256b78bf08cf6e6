import { readFileSync } from "node:fs";
import { type DType, dtypeToEnum, makeTensor, type Tensor, tensorBytes, tensorStrings, toTensor } from "@tfsaver/core";
import { TensorProto } from "@tfsaver/proto/graph";
import { describe, expect, it } from "vitest";
import { base64 } from "../../../../fixtures/bytes.js";
import { jsonLines } from "../../../../fixtures/json-lines.js";
import { shapeToProto, tensorFromProto, tensorToProto } from "../../src/index.js";

/** One record of tensorflow-tensors.py. Bytes are in base64. */
interface Recorded {
  readonly dtype: DType;
  readonly shape: number[];
  readonly data: string | string[];
  readonly proto: string;
  readonly odd?: string;
  readonly error?: string;
}

const records = jsonLines<Recorded>(readFileSync(new URL("tensorflow-tensors.jsonl", import.meta.url), "utf8"));

const decode = ({ proto }: Recorded) => TensorProto.decode(Buffer.from(proto, "base64"));

function tensorOf({ dtype, shape, data }: Recorded): Tensor {
  if (typeof data !== "string") {
    const strings = data.map((item) => new Uint8Array(Buffer.from(item, "base64")));
    return makeTensor(dtype, shape, strings);
  }
  const { data: empty } = toTensor([], /^float[48]_/.test(dtype) ? "uint8" : dtype);
  const bytes = new Uint8Array(Buffer.from(data, "base64"));
  const TypedArray = empty.constructor as new (buffer: ArrayBuffer) => Uint8Array;
  return makeTensor(dtype, shape, new TypedArray(bytes.buffer));
}

function contents(tensor: Tensor): string | string[] {
  return tensor.dtype === "string" ? tensorStrings(tensor).map(base64) : base64(tensorBytes(tensor));
}

const titled = records.map((record) => [record.odd ?? `${record.dtype} [${record.shape}]`, record] as const);

describe("a tensor of a graph", () => {
  it.each(titled.filter(([, { odd }]) => odd === undefined))("%s is written as TensorFlow writes it", (_, record) => {
    expect(base64(TensorProto.encode(tensorToProto(tensorOf(record))))).toBe(record.proto);
  });

  it.each(titled.filter(([, { error }]) => error === undefined))("%s is read as TensorFlow reads it", (_, record) => {
    const tensor = tensorFromProto(decode(record));
    expect([tensor.dtype, tensor.shape, contents(tensor)]).toEqual([record.dtype, record.shape, record.data]);
  });

  it.each(titled.filter(([, { error }]) => error !== undefined))("%s is damage", (_, record) => {
    // TensorFlow throws InvalidArgumentError here; these packages throw DataLossError for all invalid bytes.
    expect(record.error).toBe("InvalidArgumentError");
    expect(() => tensorFromProto(decode(record))).toThrow(expect.objectContaining({ kind: "DataLossError" }));
  });

  it("is a scalar if the message has no shape", () => {
    expect(tensorFromProto(TensorProto.create({ dtype: 1, floatVal: [1] })).shape).toEqual([]);
    const unknown = TensorProto.create({ dtype: 1, floatVal: [1], tensorShape: shapeToProto(undefined) });
    expect(tensorFromProto(unknown).shape).toEqual([]);
  });

  it.each([
    ["a size below zero", [-1], 1, "DataLossError"],
    ["more elements than can be counted", [2 ** 40, 2 ** 40], 1, "InvalidArgumentError"],
    ["more than memory holds", [2 ** 40], 1, "ResourceExhaustedError"],
    ["more strings than memory holds", [2 ** 40], 7, "ResourceExhaustedError"],
    ["an unknown dtype", [1], 99, "InvalidArgumentError"],
    ["a resource", [1], 20, "UnimplementedError"],
  ])("with %s is an error", (_, shape, dtype, kind) => {
    const proto = TensorProto.create({ dtype, tensorShape: shapeToProto(shape) });
    expect(() => tensorFromProto(proto)).toThrow(expect.objectContaining({ kind }));
  });
});

it.each<[DType, number[], object, number[]]>([
  ["float32", [7], { floatVal: [1, 2, 3] }, [1, 2, 3, 3, 3, 3, 3]],
  ["complex64", [4], { scomplexVal: [1, 2, 3, 4, 9] }, [1, 2, 3, 4, 3, 4, 3, 4]],
  ["int8", [2, 2], { intVal: [5] }, [5, 5, 5, 5]],
  ["int32", [2], { intVal: [5, 6, 7] }, [5, 6]],
  ["float32", [3], {}, [0, 0, 0]],
])(
  "a list of %s values that is too short repeats its last one, and one that is too long is cut",
  (dtype, shape, values, expected) => {
    const proto = TensorProto.create({ dtype: dtypeToEnum(dtype), tensorShape: shapeToProto(shape), ...values });
    expect(Array.from(tensorFromProto(proto).data as Float32Array)).toEqual(expected);
  },
);

it("a value that is repeated 2^28 times takes no loop over its elements", () => {
  const tensorShape = shapeToProto([2 ** 28]);
  const started = performance.now();
  const { data } = tensorFromProto(TensorProto.create({ dtype: dtypeToEnum("uint8"), tensorShape, intVal: [7] }));
  expect([data[0], data[2 ** 27 + 1], data[2 ** 28 - 1]]).toEqual([7, 7, 7]);
  expect(performance.now() - started).toBeLessThan(1500);
});
