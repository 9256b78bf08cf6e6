import {
  ALL_DTYPES,
  allocateTensor,
  byteLength,
  copyTensor,
  dtypeInfo,
  isNumeric,
  makeTensor,
  parseSlice,
  reshapeTensor,
  tensorBytes,
  tensorFromBytes,
  tensorPart,
  tensorStrings,
  toTensor,
  zeroTensor,
} from "@tfsaver/core";
import { describe, expect, it } from "vitest";

describe("tensors", () => {
  it("of every numeric dtype have that dtype's array type and size", () => {
    for (const dtype of ALL_DTYPES.filter(isNumeric)) {
      const tensor = allocateTensor(dtype, [2, 3]);
      expect(tensorBytes(tensor).length, dtype).toBe(6 * dtypeInfo(dtype).size);
      expect(byteLength(dtype, [2, 3])).toBe(6 * dtypeInfo(dtype).size);
      expect(makeTensor(dtype, [6], tensor.data).data).toBe(tensor.data);
    }
  });

  it("are made from copies of bytes at any offset", () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => i);
    for (const dtype of ALL_DTYPES.filter(isNumeric)) {
      const size = byteLength(dtype, [2]);
      for (const start of [0, 1, 4, 8]) {
        const part = bytes.subarray(start, start + size);
        const tensor = tensorFromBytes(dtype, [2], part);
        expect([...tensorBytes(tensor)], dtype).toEqual([...part]);
        expect(tensorBytes(tensor).buffer).not.toBe(bytes.buffer);
      }
      expect(() => tensorFromBytes(dtype, [2], bytes.subarray(0, size - 1))).toThrow("takes");
    }
  });

  it("refuse data of the wrong array or length", () => {
    const wrong = [
      () => makeTensor("float32", [2], new Float64Array(2)),
      () => makeTensor("float32", [2], new Float32Array(3)),
      () => makeTensor("float16", [2], new Float32Array(2)),
      () => makeTensor("complex64", [2], new Float32Array(2)),
      () => makeTensor("string", [1], new Uint8Array(1)),
      () => makeTensor("string", [], []),
      () => makeTensor("uint8", [1], [new Uint8Array(1)]),
      () => tensorStrings(toTensor([1])),
    ];
    for (const make of wrong) expect(make).toThrow(expect.objectContaining({ kind: "InvalidArgumentError" }));
  });

  it("whose elements have no fixed size have no bytes", () => {
    const unimplemented = [() => tensorBytes(toTensor("x")), () => allocateTensor("string", [1])];
    for (const make of unimplemented) expect(make).toThrow(expect.objectContaining({ kind: "UnimplementedError" }));
  });

  it("return a view of their memory, even if it is part of a buffer", () => {
    const data = new Float32Array(new Float32Array([1, 2, 3, 4]).buffer, 4, 2);
    const bytes = tensorBytes(makeTensor("float32", [2], data));
    expect([bytes.buffer === data.buffer, bytes.byteOffset, bytes.length]).toEqual([true, 4, 8]);
  });

  it("are frozen, and keep their shape when the caller's changes", () => {
    const shape = [2];
    const tensor = makeTensor("float32", shape, new Float32Array(2));
    shape[0] = 3;
    expect(tensor.shape).toEqual([2]);
    expect(Object.isFrozen(tensor) && Object.isFrozen(tensor.shape)).toBe(true);
  });

  it("have their own memory when copied, but not when reshaped", () => {
    const tensor = toTensor([[1, 2, 3]]);
    expect(copyTensor(tensor)).toEqual(tensor);
    expect(copyTensor(tensor).data).not.toBe(tensor.data);
    expect(reshapeTensor(tensor, [3]).data).toBe(tensor.data);
    const strings = toTensor(["a"]);
    expect(tensorStrings(copyTensor(strings))[0]).not.toBe(tensorStrings(strings)[0]);
  });

  it("are allocated with zeros or empty strings", () => {
    expect(zeroTensor("int16", [2])).toEqual(toTensor([0, 0], "int16"));
    expect(zeroTensor("string", [2])).toEqual(toTensor(["", ""]));
  });

  it("copy their slices, of numbers and of strings", () => {
    const slice = parseSlice("-:1,2");
    const numbers = toTensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      "int32",
    );
    expect(tensorPart(numbers, slice)).toEqual(
      toTensor(
        [
          [2, 3],
          [5, 6],
        ],
        "int32",
      ),
    );
    expect(tensorPart(toTensor([["a", "b", "c"]]), slice)).toEqual(toTensor([["b", "c"]]));
    expect(() => tensorPart(numbers, parseSlice("0,3:-"))).toThrow(expect.objectContaining({ kind: "InternalError" }));
  });
});
