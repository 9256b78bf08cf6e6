import {
  formatShape,
  isFullyDefined,
  numElements,
  type PartialShape,
  shapesCompatible,
  shapesEqual,
} from "@tfsaver/core";
import { describe, expect, it } from "vitest";

describe("shapes", () => {
  it.each([
    [[], 1],
    [[0], 0],
    [[2, 3], 6],
    [[5, 0, 7], 0],
    [[2 ** 26, 2 ** 26], 2 ** 52],
  ])("%j has %d elements", (shape, count) => expect(numElements(shape)).toBe(count));

  it.each([[[-1]], [[1.5]], [[Number.NaN]], [[2 ** 53]], [[2 ** 27, 2 ** 27]], [[2 ** 40, 2 ** 40]]])(
    "%j is an InvalidArgumentError",
    (shape) => {
      expect(() => numElements(shape)).toThrow(expect.objectContaining({ kind: "InvalidArgumentError" }));
    },
  );

  // str() of the same shapes in TensorFlow's C++ messages.
  it.each([
    [[], "[]"],
    [[2, 3], "[2,3]"],
    [[-1, 3], "[?,3]"],
    [undefined, "<unknown>"],
  ])("%j is written %s", (shape, text) => expect(formatShape(shape)).toBe(text));

  it("are equal if every dimension is", () => {
    expect(shapesEqual([], [])).toBe(true);
    expect(shapesEqual([2, 3], [2, 3])).toBe(true);
    expect(shapesEqual([2, 3], [3, 2])).toBe(false);
    expect(shapesEqual([2], [2, 1])).toBe(false);
  });

  // tf.TensorShape(a).is_compatible_with(b)
  it.each<[PartialShape, PartialShape, boolean]>([
    [undefined, [2, 3], true],
    [[-1, 3], [2, -1], true],
    [[2, 3], [2, 3], true],
    [[-1, 3], [2, 4], false],
    [[-1], [2, 3], false],
    [[], [1], false],
  ])("%j and %j are compatible: %s", (a, b, can) => {
    expect(shapesCompatible(a, b)).toBe(can);
    expect(shapesCompatible(b, a)).toBe(can);
  });

  it("are fully defined without unknown rank or dimension", () => {
    expect([[], [0, 2], [-1], undefined].map(isFullyDefined)).toEqual([true, true, false, false]);
  });
});
