import { ALL_DTYPES, dtypeFromEnum, dtypeInfo, dtypeMessageName, dtypeToEnum, isNumeric } from "@tfsaver/core";
import { describe, expect, it } from "vitest";

// tf.DType.name, the enum's number and tf.DType.size of every type of TensorFlow 2.21.
const TYPES: [name: string, number: number, size: number][] = [
  ["float32", 1, 4],
  ["float64", 2, 8],
  ["int32", 3, 4],
  ["uint8", 4, 1],
  ["int16", 5, 2],
  ["int8", 6, 1],
  ["string", 7, 0],
  ["complex64", 8, 8],
  ["int64", 9, 8],
  ["bool", 10, 1],
  ["qint8", 11, 1],
  ["quint8", 12, 1],
  ["qint32", 13, 4],
  ["bfloat16", 14, 2],
  ["qint16", 15, 2],
  ["quint16", 16, 2],
  ["uint16", 17, 2],
  ["complex128", 18, 16],
  ["float16", 19, 2],
  ["resource", 20, 0],
  ["variant", 21, 0],
  ["uint32", 22, 4],
  ["uint64", 23, 8],
  ["float8_e5m2", 24, 1],
  ["float8_e4m3fn", 25, 1],
  ["float8_e4m3fnuz", 26, 1],
  ["float8_e4m3b11fnuz", 27, 1],
  ["float8_e5m2fnuz", 28, 1],
  ["int4", 29, 1],
  ["uint4", 30, 1],
  ["int2", 31, 1],
  ["uint2", 32, 1],
  ["float4_e2m1fn", 33, 1],
];

describe("dtypes", () => {
  it("are TensorFlow's, with its numbers and sizes", () => {
    expect(ALL_DTYPES.map((name) => [name, dtypeToEnum(name), dtypeInfo(name).size])).toEqual(TYPES);
  });

  it("are found by number, a reference type as its base type", () => {
    for (const name of ALL_DTYPES) {
      expect(dtypeFromEnum(dtypeToEnum(name))).toBe(name);
      expect(dtypeToEnum(name, true)).toBe(dtypeToEnum(name) + 100);
      expect(dtypeFromEnum(dtypeToEnum(name, true))).toBe(name);
    }
  });

  it("swap each half of a complex number on its own", () => {
    expect(dtypeInfo("complex64")).toMatchObject({ swapUnit: 4, lanes: 2 });
    expect(dtypeInfo("complex128")).toMatchObject({ swapUnit: 8, lanes: 2 });
    for (const name of ALL_DTYPES.filter((dtype) => !dtype.startsWith("complex"))) {
      expect(dtypeInfo(name)).toMatchObject({ swapUnit: dtypeInfo(name).size, lanes: 1 });
    }
  });

  it("of less than a byte take one byte, and state the number of used bits", () => {
    const narrow = ALL_DTYPES.filter((name) => isNumeric(name) && dtypeInfo(name).bits < 8);
    expect(narrow.map((name) => [name, dtypeInfo(name).bits])).toEqual([
      ["int4", 4],
      ["uint4", 4],
      ["int2", 2],
      ["uint2", 2],
      ["float4_e2m1fn", 4],
    ]);
  });

  it("are numeric if their elements have a fixed size", () => {
    expect(ALL_DTYPES.filter((name) => !isNumeric(name))).toEqual(["string", "resource", "variant"]);
  });

  it("have C++ names in messages", () => {
    expect((["float32", "float64", "float16", "bfloat16", "int32"] as const).map(dtypeMessageName)).toEqual([
      "float",
      "double",
      "half",
      "bfloat16",
      "int32",
    ]);
  });

  it("are rejected if they do not exist", () => {
    for (const name of ["float", "", "toString", "__proto__"]) {
      expect(() => dtypeInfo(name as "float32")).toThrow(expect.objectContaining({ kind: "ValueError" }));
    }
    for (const number of [0, 34, 100, 134, 201, -1, 1.5, Number.NaN]) {
      expect(() => dtypeFromEnum(number)).toThrow(expect.objectContaining({ kind: "InvalidArgumentError" }));
    }
  });
});
