import {
  ALL_DTYPES,
  allocateTensor,
  isNumeric,
  makeTensor,
  packedTensor,
  packStrings,
  requireTensor,
  tensorStrings,
  toTensor,
} from "@tfsaver/core";
import { describe, expect, it } from "vitest";
import { lyingTensors } from "../../../fixtures/lying-tensors.js";

describe("requireTensor", () => {
  it.each(lyingTensors)("refuses $what, and says what came", ({ value, message }) => {
    expect(() => requireTensor(value, "Variable w", { tensor: "w" })).toThrow(
      expect.objectContaining({
        kind: "InvalidArgumentError",
        tensor: "w",
        message: expect.stringMatching(/^Variable w: /),
      }),
    );
    expect(() => requireTensor(value, "Variable w")).toThrow(message);
  });

  it.each([undefined, null, 5, "text"])("refuses %s, which is no object", (value) => {
    expect(() => requireTensor(value, "Variable w")).toThrow(`Variable w: Expected a tensor but got ${value}`);
  });

  it("accepts tensors of every dtype, also empty ones and parts of buffers", () => {
    for (const dtype of ALL_DTYPES.filter(isNumeric)) {
      requireTensor(allocateTensor(dtype, [2, 3]), dtype);
      requireTensor(allocateTensor(dtype, [0, 3]), dtype);
    }
    requireTensor({ dtype: "uint8", shape: [2], data: Uint8Array.of(0, 1, 2).subarray(1) }, "bytes");
    requireTensor(toTensor(["a", "b"]), "strings");
    requireTensor(makeTensor("float32", [1], new Float32Array(4).subarray(3)), "a part");
  });

  it("does not unpack packed strings", () => {
    const packed = packStrings([Uint8Array.of(1), Uint8Array.of(2, 3)]);
    const tensor = packedTensor("string", [2], packed);
    requireTensor(tensor, "packed");
    expect(Object.getOwnPropertyDescriptor(tensor, "data")?.get).toBeDefined();
    expect(tensorStrings(tensor)[1]?.length).toBe(2);
  });
});

describe("packed strings", () => {
  it.each([
    ["too short", [1, 1]],
    ["too long", [3, 3]],
    ["negative", [4, -1]],
    ["fractions", [1.5, 1.5]],
  ])("whose lengths are %s are refused", (_, lengths) => {
    const strings = { bytes: new Uint8Array(3), lengths: Float64Array.from(lengths) };
    expect(() => packedTensor("string", [2], strings)).toThrow("Packed strings have lengths of");
  });
});

it.each(lyingTensors)("toTensor refuses $what", ({ value, message }) => {
  expect(() => toTensor(value)).toThrow(expect.objectContaining({ kind: "InvalidArgumentError" }));
  expect(() => toTensor(value, undefined, undefined, "Variable w")).toThrow(message);
});
