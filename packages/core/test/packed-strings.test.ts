import {
  copyTensor,
  makeTensor,
  packedStringsOf,
  packedTensor,
  packStrings,
  reshapeTensor,
  tensorStrings,
} from "@tfsaver/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const utf8 = (text: string) => new TextEncoder().encode(text);
const strings = [utf8("one"), utf8(""), utf8("x".repeat(100)), utf8("four")];

describe("packed strings", () => {
  it("are equal to the original strings", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (values) => {
        expect(packedTensor("string", [values.length], packStrings(values))).toEqual(
          makeTensor("string", [values.length], values),
        );
      }),
    );
  });

  it("are unpacked once, into views of their memory", () => {
    const packed = packStrings(strings);
    const tensor = packedTensor("string", [4], packed);
    expect(packedStringsOf(tensor)).toBe(packed);
    const { data } = tensor;
    expect(tensor.data).toBe(data);
    expect(tensorStrings(tensor).map(({ buffer }) => buffer)).toEqual(strings.map(() => packed.bytes.buffer));
    expect(packedStringsOf(tensor)).toBeUndefined();
  });

  it("stay packed when they are reshaped or copied; a copy has its own memory", () => {
    const packed = packStrings(strings);
    const tensor = packedTensor("string", [4], packed);
    expect(packedStringsOf(reshapeTensor(tensor, [2, 2]))).toBe(packed);
    const copy = packedStringsOf(copyTensor(tensor));
    expect(copy?.bytes).toEqual(packed.bytes);
    expect(copy?.bytes.buffer).not.toBe(packed.bytes.buffer);
    expect(copyTensor(makeTensor("string", [4], strings))).toEqual(makeTensor("string", [4], strings));
  });

  it("must have as many elements as the shape", () => {
    const packed = packStrings(strings);
    expect(() => packedTensor("string", [3], packed)).toThrow(
      expect.objectContaining({ kind: "InvalidArgumentError" }),
    );
    expect(() => reshapeTensor(packedTensor("string", [4], packed), [3])).toThrow(
      expect.objectContaining({ kind: "InvalidArgumentError" }),
    );
  });
});
