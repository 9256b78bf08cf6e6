import { sha256 } from "@noble/hashes/sha2.js";
import {
  bfloat16Bits,
  bfloat16ToNumber,
  type DType,
  float16Bits,
  float16ToNumber,
  isTensor,
  type TensorLike,
  tensorStrings,
  toTensor,
} from "@tfsaver/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex } from "../../../fixtures/bytes.js";

const bits = Array.from({ length: 65536 }, (_, i) => i);

// numpy.float64(x).astype(numpy.float16) and numpy.float32(x).astype(ml_dtypes.bfloat16), as bits.
const ROUNDED: [value: number, half: number, brain: number][] = [
  [0.1, 11878, 15821],
  [-0.1, 44646, 48589],
  [1 / 3, 13653, 16043],
  [65504, 31743, 18304],
  [65519.999, 31743, 18304],
  [65520, 31744, 18304],
  [-65520, 64512, 51072],
  [1e10, 31744, 20501],
  [2 ** -24, 1, 13184],
  [2 ** -25, 0, 13056],
  [2.980232536792755e-8, 1, 13056],
  [3 * 2 ** -25, 2, 13248],
  [2 ** -14, 1024, 14464],
  [6.1005353927612305e-5, 1024, 14464],
  [5.96e-8, 1, 13184],
  [1.00048828125, 15360, 16256],
  [1.00146484375, 15362, 16256],
  [2049, 26624, 17664],
  [2051, 26626, 17664],
  [Number.POSITIVE_INFINITY, 31744, 32640],
  [Number.NEGATIVE_INFINITY, 64512, 65408],
  [-0, 32768, 32768],
  [0, 0, 0],
  [3e-5, 503, 14332],
  [1e-8, 0, 12844],
  [2047.5, 26624, 17664],
  [1023.75, 25600, 17536],
  [3.3895313892515355e38, 31744, 32639],
  [3.4e38, 31744, 32640],
  [1e-40, 0, 1],
  [1e-45, 0, 0],
  [1.00390625, 15364, 16256],
  [1.01171875, 15372, 16258],
  [1.0039072036743164, 15364, 16257],
];

describe("a value of a wrong type", () => {
  const wrong = [
    undefined,
    null,
    {},
    new Map(),
    () => 1,
    Symbol("x"),
    [1, undefined],
    [
      [1, 2],
      [3, null],
    ],
  ] as never[];
  it.each(wrong.map((value) => [String(typeof value), value]))("is not made a tensor: %s", (_, value) => {
    for (const dtype of ["float32", "int64", "bool", "float16", "string", undefined] as const) {
      expect(() => toTensor(value, dtype)).toThrow(expect.objectContaining({ kind: "InvalidArgumentError" }));
    }
  });
});

describe("16-bit floats", () => {
  it.each(ROUNDED)("%d rounds as numpy and ml_dtypes round it", (value, half, brain) => {
    expect([float16Bits(value), bfloat16Bits(value)]).toEqual([half, brain]);
  });

  it("are all restored from the numbers they represent", () => {
    for (const pattern of bits) {
      const half = float16ToNumber(pattern);
      if (!Number.isNaN(half)) expect(float16Bits(half)).toBe(pattern);
      const brain = bfloat16ToNumber(pattern);
      if (!Number.isNaN(brain)) expect(bfloat16Bits(brain)).toBe(pattern);
    }
  });

  it("are rounded to the nearest of two neighbors, as float32 and as float64", () => {
    for (let pattern = 0; pattern < 0x7bff; pattern++) {
      const [low, high] = [float16ToNumber(pattern), float16ToNumber(pattern + 1)];
      const middle = (low + high) / 2;
      const even = pattern % 2 === 0 ? pattern : pattern + 1;
      const found = [middle, middle * (1 + 2 ** -23), middle * (1 - 2 ** -23), middle * (1 + 2 ** -50)].map(
        float16Bits,
      );
      expect(found).toEqual([even, pattern + 1, pattern, pattern + 1]);
      expect(float16Bits(-middle)).toBe(even | 0x8000);
    }
  });

  it("represent the same numbers as in numpy", () => {
    // sha256 of numpy.arange(65536, dtype=uint16).view(float16).astype('<f4'), every NaN as numpy.float32('nan').
    const numbers = Float32Array.from(bits, float16ToNumber);
    const hash = hex(sha256(new Uint8Array(numbers.buffer)));
    expect(hash.slice(0, 16)).toBe("385ff5fe69182797");
  });

  it("round to the nearest value, ties to even", () => {
    const between = fc.integer({ min: 0, max: 0x7bfe });
    fc.assert(
      fc.property(between, fc.double({ min: 0, max: 1, noNaN: true }), (low, part) => {
        const [a, b] = [float16ToNumber(low), float16ToNumber(low + 1)];
        const value = a + (b - a) * part;
        const [down, up] = [value - a, b - value];
        const nearest = down < up || (down === up && low % 2 === 0) ? low : low + 1;
        expect(float16Bits(value)).toBe(nearest);
        expect(float16Bits(-value)).toBe(nearest | 0x8000);
      }),
    );
  });

  it("preserve NaN", () => {
    expect(float16ToNumber(float16Bits(Number.NaN))).toBeNaN();
    expect(bfloat16ToNumber(bfloat16Bits(Number.NaN))).toBeNaN();
  });
});

describe("toTensor", () => {
  it.each<[TensorLike, DType, number[], unknown]>([
    [1.5, "float32", [], Float32Array.of(1.5)],
    [[1, 2], "float32", [2], Float32Array.of(1, 2)],
    [[[1], [2]], "float32", [2, 1], Float32Array.of(1, 2)],
    [[], "float32", [0], new Float32Array()],
    [[[], []], "float32", [2, 0], new Float32Array()],
    [7n, "int64", [], BigInt64Array.of(7n)],
    [[true, false], "bool", [2], Uint8Array.of(1, 0)],
    [Int16Array.of(1, -2), "int16", [2], Int16Array.of(1, -2)],
    [BigUint64Array.of(2n ** 64n - 1n), "uint64", [1], BigUint64Array.of(2n ** 64n - 1n)],
  ])("finds dtype and shape of %o", (value, dtype, shape, data) => {
    expect(toTensor(value)).toEqual({ dtype, shape, data });
  });

  it("converts text and bytes to strings, a Uint8Array to one string", () => {
    expect(tensorStrings(toTensor(["é", Uint8Array.of(255)]))).toEqual([Uint8Array.of(0xc3, 0xa9), Uint8Array.of(255)]);
    expect(toTensor(Uint8Array.of(1, 2))).toEqual({ dtype: "string", shape: [], data: [Uint8Array.of(1, 2)] });
    expect(toTensor(Uint8Array.of(1, 2), "uint8")).toMatchObject({ dtype: "uint8", shape: [2] });
  });

  it("does not copy a typed array of the right kind, nor a tensor", () => {
    const data = Float32Array.of(1, 2, 3, 4);
    expect(toTensor(data, "float32", [2, 2]).data).toBe(data);
    expect(toTensor(data, "complex64")).toMatchObject({ shape: [2], data });
    const tensor = toTensor(data);
    expect(isTensor(tensor)).toBe(true);
    expect(toTensor(tensor)).toBe(tensor);
    expect(toTensor(tensor, "float32", [4, 1])).toMatchObject({ shape: [4, 1], data });
  });

  it.each<[TensorLike, DType, unknown]>([
    [[1, -1], "int64", BigInt64Array.of(1n, -1n)],
    [[-(2 ** 31), 2 ** 31 - 1], "int32", Int32Array.of(-(2 ** 31), 2 ** 31 - 1)],
    [[5n, true], "uint8", Uint8Array.of(5, 1)],
    [[1, 0.1], "float16", Uint16Array.of(15360, 11878)],
    [Float64Array.of(0.1), "bfloat16", Uint16Array.of(15821)],
    [[-8, 7, -1], "int4", Uint8Array.of(8, 7, 15)],
    [[0, 15], "uint4", Uint8Array.of(0, 15)],
    [[-2, 1], "int2", Uint8Array.of(2, 1)],
    [[0, 2, -1], "bool", Uint8Array.of(0, 1, 1)],
    [[255], "quint8", Uint8Array.of(255)],
    [[1, 2n], "float64", Float64Array.of(1, 2)],
  ])("converts %o to %s", (value, dtype, data) => {
    expect(toTensor(value, dtype)).toMatchObject({ dtype, data });
  });

  it.each<[string, TensorLike, DType | undefined]>([
    ["ragged arrays", [[1], [1, 2]], undefined],
    ["arrays of mixed depth", [1, [2]] as TensorLike, undefined],
    ["text among numbers", [1, "2"], "float32"],
    ["numbers among text", ["a", 1], undefined],
    ["bytes as a number", [Uint8Array.of(1)], "int32"],
    ["a fraction as int64", [1.5], "int64"],
    ["a fraction as int32", [1.5], "int32"],
    ["NaN as int32", [Number.NaN], "int32"],
    ["300 as uint8", [300], "uint8"],
    ["-1 as uint32", [-1], "uint32"],
    ["2^63 as int64", [2n ** 63n], "int64"],
    ["-1 as uint64", [-1n], "uint64"],
    ["8 as int4", [8], "int4"],
    ["-1 as uint4", [-1], "uint4"],
    ["infinity as int64", [Number.POSITIVE_INFINITY], "int64"],
    ["a tensor of another dtype", toTensor([1]), "int32"],
  ])("refuses %s", (_, value, dtype) => {
    expect(() => toTensor(value, dtype)).toThrow(expect.objectContaining({ kind: "InvalidArgumentError" }));
  });

  it("refuses a shape that does not match the number of values", () => {
    for (const shape of [[], [3], [2, 2], [-2]]) {
      expect(() => toTensor([1, 2], "float32", shape)).toThrow(
        expect.objectContaining({ kind: "InvalidArgumentError" }),
      );
    }
  });

  it("refuses dtypes that have no conversion from numbers", () => {
    for (const dtype of ["float8_e5m2", "float4_e2m1fn", "resource"] as const) {
      expect(() => toTensor([1], dtype)).toThrow(expect.objectContaining({ kind: "UnimplementedError" }));
    }
  });
});
