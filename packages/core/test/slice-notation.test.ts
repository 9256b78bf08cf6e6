import {
  completeSlice,
  fullSlice,
  parseNumpySlice,
  rows,
  sliceElements,
  tensorBytes,
  tensorPart,
  toTensor,
} from "@tfsaver/core";
import { cutSlice } from "@tfsaver/core/slices";
import { describe, expect, it } from "vitest";
import { hex } from "../../../fixtures/bytes.js";

const at = (start: number, length: number) => ({ start, length });

describe("NumPy's notation", () => {
  it.each([
    ["5:6,:", [at(5, 1), "full"]],
    ["5:6", [at(5, 1), "full"]],
    ["[5:6, 1:3]", [at(5, 1), at(1, 2)]],
    [" 5 : 6 , : ", [at(5, 1), "full"]],
    [":, :", ["full", "full"]],
    ["", ["full", "full"]],
    ["...", ["full", "full"]],
    ["...,1:2", ["full", at(1, 1)]],
    ["1:2,...", [at(1, 1), "full"]],
    ["0:1,...,0:1", [at(0, 1), at(0, 1)]],
    ["-2:", [at(8, 2), "full"]],
    [":-9", [at(0, 1), "full"]],
    ["-100:3", [at(0, 3), "full"]],
    ["7:100", [at(7, 3), "full"]],
    ["2:4:1", [at(2, 2), "full"]],
    ["2:4:", [at(2, 2), "full"]],
    ["::", ["full", "full"]],
    ["2:,", [at(2, 8), "full"]],
  ])("'%s' of a [10,4] tensor is understood", (text, slice) => {
    expect(parseNumpySlice(text, [10, 4])).toEqual(slice);
  });

  it.each([
    ["5", "write 5:6 for the single position 5"],
    ["-1", "write -1: for the single position -1"],
    ["0:4:2", "steps are not supported"],
    ["::-1", "steps are not supported"],
    ["5:5", "selects nothing of dimension 0, which has 10 positions"],
    ["6:5", "selects nothing"],
    ["10:11", "selects nothing"],
    [":,:,:", "it has 3 dimensions, but the tensor has 2: [10,4]"],
    ["...,...", "'...' may occur once"],
    ["a:b", "'a:b' is no range"],
    ["1.5:2", "is no range"],
    ["1:2:3:4", "is no range"],
    ["None", "'None' is no range"],
    [",", "'' is no range"],
    ["0,3:-", "write 0:1 for the single position 0"],
  ])("'%s' is refused, and the message says why", (text, why) => {
    const error = expect.objectContaining({ kind: "InvalidArgumentError", message: expect.stringContaining(why) });
    expect(() => parseNumpySlice(text, [10, 4])).toThrow(error);
  });

  it("of a scalar is empty", () => {
    expect(parseNumpySlice("", [])).toEqual([]);
    expect(parseNumpySlice("...", [])).toEqual([]);
  });
});

it("rows are positions of the first dimension", () => {
  expect(completeSlice(rows(5, 8), 3)).toEqual([at(5, 3), "full", "full"]);
  for (const [start, end] of [
    [1, 1],
    [2, 1],
    [-1, 2],
    [0.5, 2],
    [0, Number.NaN],
  ] as const) {
    expect(() => rows(start, end)).toThrow(expect.objectContaining({ kind: "InvalidArgumentError" }));
  }
});

describe("a slice that is cut", () => {
  const whole = toTensor(
    Uint8Array.from({ length: 120 }, (_, i) => i),
    "uint8",
    [2, 3, 4, 5],
  );

  it.each([
    ["the whole tensor", fullSlice(4)],
    ["a part", [at(1, 1), at(0, 2), "full", at(1, 3)]],
    ["columns", ["full", "full", "full", at(2, 1)]],
  ] as const)("has the elements of %s, in their order, at most as many as asked for", (_, slice) => {
    const all = hex(tensorBytes(tensorPart(whole, slice)));
    for (const max of [1, 2, 3, 4, 5, 7, 20, 60, 119, 120, 1000, Number.POSITIVE_INFINITY]) {
      const parts = [...cutSlice(whole.shape, slice, max)];
      for (const part of parts) expect(sliceElements(whole.shape, part)).toBeLessThanOrEqual(max);
      expect(parts.map((part) => hex(tensorBytes(tensorPart(whole, part)))).join("")).toBe(all);
    }
  });

  it("has one part if it is a scalar, and none if it is empty", () => {
    expect([...cutSlice([], [], 1)]).toEqual([[]]);
    expect([...cutSlice([3, 0], fullSlice(2), 1)]).toEqual([]);
    expect(() => [...cutSlice([3], fullSlice(1), 0)]).toThrow("one element at least");
  });
});
