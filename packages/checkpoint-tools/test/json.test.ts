import { formatTensor, quoteBytes, tensorToJson, toNpy } from "@tfsaver/checkpoint-tools";
import { allocateTensor, type DType, makeTensor, type Shape, type TensorLike, toTensor } from "@tfsaver/core";
import { describe, expect, it } from "vitest";

const json = (value: TensorLike, dtype?: DType, shape?: Shape) =>
  [...tensorToJson(toTensor(value, dtype, shape))].join("");

describe("tensorToJson", () => {
  it.each<[TensorLike, DType, Shape, string]>([
    [[7], "int32", [], "7"],
    [[1, 2, 3, 4, 5, 6], "uint8", [1, 2, 3], "[[[1,2,3],[4,5,6]]]"],
    [[1, 2, 3, 4], "float64", [2, 1, 2], "[[[1,2]],[[3,4]]]"],
    [[1.5, 2, -0, Number.NaN], "bfloat16", [4], '[1.5,2,-0,"NaN"]'],
    [[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300], "float64", [3], '["Infinity","-Infinity",1e+300]'],
    [[true, false], "bool", [2], "[true,false]"],
    [[9007199254740991n, -9007199254740991n], "int64", [2], "[9007199254740991,-9007199254740991]"],
    [[9007199254740993n, -(2n ** 63n)], "int64", [2], '["9007199254740993","-9223372036854775808"]'],
    [[2n ** 64n - 1n], "uint64", [], '"18446744073709551615"'],
    [
      ['say "hi"', Uint8Array.of(0xff, 0xfe), "é\u0000"],
      "string",
      [3],
      '["say \\"hi\\"",{"base64":"//4="},"é\\u0000"]',
    ],
    [["\ufeffmark"], "string", [], '"\\ufeffmark"'],
    [["\u009b\u202e\u2028\u{e0041}é"], "string", [], '"\\u009b\\u202e\\u2028\\udb40\\udc41é"'],
    [[], "float32", [0], "[]"],
    [[], "float32", [2, 0], "[[],[]]"],
    [[], "float32", [0, 2], "[]"],
    [[], "string", [2, 0, 3], "[[],[]]"],
  ])("%# can be read back by a program", (value, dtype, shape, wanted) => {
    expect(json(value, dtype, shape)).toBe(wanted);
    JSON.parse(wanted);
  });

  it.each([[[2 ** 40, 0]], [[2 ** 40, 2 ** 40, 0]], [[0, 2 ** 40]], [[65_536, ...new Array<number>(250).fill(1), 0]]])(
    "is bounded for a tensor without elements of the shape %j",
    (shape) => {
      expect(json([], "float32", shape)).toBe("[]");
      expect(formatTensor(toTensor([], "float32", shape))).toBe("[]");
      expect(toNpy(toTensor([], "float32", shape)).reduce((size, piece) => size + piece.length, 0)).toBeLessThan(1100);
    },
  );

  it("prints the exact number of a float32", () => {
    expect(JSON.parse(json([0.1], "float32"))).toEqual([Math.fround(0.1)]);
  });

  it("prints complex numbers as pairs", () => {
    expect(json(makeTensor("complex64", [2], Float32Array.of(1, 2, 0, -0.5)))).toBe("[[1,2],[0,-0.5]]");
  });

  it("yields a large tensor in pieces", () => {
    const pieces = [...tensorToJson(allocateTensor("int32", [500, 1000]))];
    expect(pieces.length).toBeGreaterThan(10);
    expect(JSON.parse(pieces.join(""))).toHaveLength(500);
  });

  it("encodes bytes of any length", () => {
    const bytes = Uint8Array.from({ length: 100_001 }, (_, i) => i);
    const { base64 } = JSON.parse(json(bytes));
    expect(Buffer.compare(Buffer.from(base64, "base64"), bytes)).toBe(0);
  });
});

describe("quoted strings", () => {
  it.each([
    ["plain", '"plain"'],
    ['a "b" \\ \n\t\u0007', '"a \\"b\\" \\\\ \\n\\t\\x07"'],
    ["grün 😀", '"grün 😀"'],
    ["a\u202eb\u2028", '"a\\u202eb\\u2028"'],
    [Uint8Array.of(0x67, 0xff, 0xc3, 0xbc, 0xc3), '"g\\xffü\\xc3"'],
    [Uint8Array.of(0xed, 0xa0, 0x80), '"\\xed\\xa0\\x80"'],
    [Uint8Array.of(0xf0, 0x9f, 0x98, 0x80, 0x80), '"😀\\x80"'],
  ])("%j is quoted as %s", (value, wanted) => {
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
    expect(quoteBytes(bytes)).toBe(wanted);
  });

  it("are part of a tensor's text", () => {
    expect(formatTensor(toTensor([["a", "bc"]]))).toBe('[["a" "bc"]]');
    expect(formatTensor(toTensor("a"))).toBe('"a"');
  });
});
