import {
  allocateTensor,
  formatSlice,
  intersectSlices,
  overlapRuns,
  parseShapeAndSlice,
  parseSlice,
  sliceElements,
  sliceShape,
  type TensorSlice,
} from "@tfsaver/core";
import { sliceKey } from "@tfsaver/core/coding";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex } from "../../../fixtures/bytes.js";

const utf8 = (text: string) => new TextEncoder().encode(text);

describe("sliceKey", () => {
  // Keys found in files that TensorFlow 2.21 wrote.
  it.each([
    [utf8("w"), "-", "007700010101807f"],
    [utf8("net/emb"), "3,2:0,5", "006e65742f656d6200010102" + "83828085"],
    [utf8("big"), "100,300:70000,1", "0062696700010102c064c12ce1117081"],
    [Uint8Array.of(0x61, 0x00, 0x62, 0xff), "", "006100ff62ff00000100"],
  ])("of %s %s", (name, slice, wanted) => {
    expect(hex(sliceKey(name, parseSlice(slice)))).toBe(wanted);
  });

  it.each([
    [0, "80"],
    [63, "bf"],
    [64, "c040"],
    [8191, "dfff"],
    [8192, "e02000"],
    [4342338, "f0424242"],
    [2 ** 31, "f880000000"],
    [2 ** 40, "fd0000000000"],
  ])("spells the start %s as OrderedCode does", (start, wanted) => {
    const key = hex(sliceKey(utf8(""), [{ start, length: 1 }]));
    expect(key).toBe(`0000010101${wanted}81`);
  });
});

describe("shape and slice specifications", () => {
  it("contain the full shape and the slice", () => {
    expect(parseShapeAndSlice("7 5 0,3:-")).toEqual({ shape: [7, 5], slice: [{ start: 0, length: 3 }, "full"] });
    expect(parseShapeAndSlice("")).toBeUndefined();
    expect(formatSlice(parseSlice("0,3:-"))).toBe("0,3:-");
    expect(sliceShape([7, 5], parseSlice("0,3:-"))).toEqual([3, 5]);
  });

  it.each([
    ["4", "InvalidArgumentError", "Need least two elements in shape_and_slice specification: "],
    ["a 4 -:-", "InvalidArgumentError", "Non numerical dimension in shape_and_slice: "],
    ["4  6 -:-", "InvalidArgumentError", "Non numerical dimension in shape_and_slice: "],
    ["4 6 x:-", "InvalidArgumentError", "Expected a pair of numbers or '-' but got 'x': string = x:-"],
    ["4 0,0", "InvalidArgumentError", "Expected non-negative start and positive length but got start = 0, length = 0"],
    ["4 6 -", "InternalError", "Mismatching ranks: shape = [4,6], slice = -"],
    ["4 6 3,2:-", "InternalError", "Extent in dimension 0 out of bounds: shape = [4,6], slice = 3,2:-"],
  ])("like %s are refused as TensorFlow refuses them", (spec, kind, message) => {
    expect(() => parseShapeAndSlice(spec)).toThrow(
      expect.objectContaining({ kind, message: expect.stringContaining(message) }),
    );
  });
});

const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 0, maxLength: 4 });
const sliceOf = (shape: readonly number[]): fc.Arbitrary<TensorSlice> =>
  fc.tuple(
    ...shape.map((dim) =>
      fc.oneof(
        fc.constant("full" as const),
        fc
          .tuple(fc.nat(dim - 1), fc.nat(dim - 1))
          .map(([a, b]) => ({ start: Math.min(a, b), length: Math.abs(a - b) + 1 })),
      ),
    ),
  );

/** Copies a slice element by element. */
function valuesOf(shape: readonly number[], slice: TensorSlice): number[] {
  let values: { index: number[]; flat: number }[] = [{ index: [], flat: 0 }];
  for (const [d, dim] of shape.entries()) {
    const extent = slice[d] as TensorSlice[number];
    const { start, length } = extent === "full" ? { start: 0, length: dim } : extent;
    values = values.flatMap(({ index, flat }) =>
      Array.from({ length }, (_, i) => ({ index: [...index, start + i], flat: flat * dim + start + i })),
    );
  }
  return values.map(({ flat }) => flat);
}

describe("overlapRuns", () => {
  it("copies exactly the overlap of two slices", () => {
    const cases = shapes.chain((shape) => fc.tuple(fc.constant(shape), sliceOf(shape), sliceOf(shape)));
    fc.assert(
      fc.property(cases, ([shape, from, to]) => {
        const source = valuesOf(shape, from);
        const target = allocateTensor("float64", sliceShape(shape, to)).data as Float64Array;
        target.fill(-1);
        for (const run of overlapRuns(shape, from, to)) {
          for (let i = 0; i < run.length; i++) target[run.to + i] = source[run.from + i] as number;
        }
        const shared = new Set(source);
        const wanted = valuesOf(shape, to).map((value) => (shared.has(value) ? value : -1));
        expect([...target]).toEqual(wanted);
        const common = intersectSlices(shape, from, to);
        expect(common === undefined ? 0 : sliceElements(shape, common)).toBe(
          wanted.filter((value) => value >= 0).length,
        );
      }),
    );
  });
});
