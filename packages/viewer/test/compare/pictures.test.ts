import { expect, test } from "vitest";
import { edgesOf, stepsOf } from "../../src/model/compare/histogram.js";
import { pixelsOf, scaleOf } from "../../src/model/pictures/palette.js";
import { DifferenceMap } from "../../src/worker/handlers/compare/difference-map.js";

test("a small matrix keeps every difference, in whatever parts it comes", () => {
  const map = new DifferenceMap([2, 3]);
  map.add([1, -2], 0);
  map.add([3, Number.NaN, 5, -6], 2);
  expect(map.result()).toEqual({
    matrix: [2, 3],
    rows: 2,
    columns: 3,
    cells: new Float32Array([1, -2, 3, Number.NaN, 5, -6]),
  });
});

test("a large matrix keeps the largest difference of each cell, with its sign, and axes before the last are rows", () => {
  const map = new DifferenceMap([2, 512, 512]);
  const differences = new Float64Array(2 * 512 * 512);
  differences[0] = -1;
  differences[1] = 0.5;
  // The last element of all.
  differences[differences.length - 1] = 7;
  map.add(differences, 0);
  const { matrix, rows, columns, cells } = map.result();
  expect([matrix, rows, columns]).toEqual([[1024, 512], 256, 256]);
  expect([cells[0], cells.at(-1)]).toEqual([-1, 7]);
  expect(cells.filter((value) => value !== 0)).toHaveLength(2);
});

test("a NaN stays visible beside larger differences", () => {
  const map = new DifferenceMap([1, 300]);
  map.add([Number.NaN, 9, ...new Array(298).fill(0)], 0);
  expect(map.result().cells[0]).toBeNaN();
});

test("infinite differences get the full color, and do not hide finite ones", () => {
  const cells = [Number.POSITIVE_INFINITY, -2, 0, Number.NaN];
  const scale = scaleOf(cells, { palette: "diverging", byRoot: true });
  expect([scale.low, scale.high]).toEqual([-2, 2]);
  const pixels = pixelsOf(cells, scale);
  const colors = cells.map((_, i) => [...pixels.subarray(4 * i, 4 * i + 4)].join(" "));
  expect(new Set(colors).size).toBe(4);
});

test("a histogram of equal numbers can be drawn around them", () => {
  const edges = edgesOf(5, 5, 4);
  expect(edges).toHaveLength(5);
  expect((edges[0] as number) < 5 && (edges[1] as number) > 5).toBe(true);
  expect(edgesOf(-1, 1, 2)).toEqual([-1, 0, 1]);
  expect(edgesOf(-1.7e308, 1.7e308, 2).every(Number.isFinite)).toBe(true);
  expect(stepsOf([1, 2])).toEqual([1, 2, 2]);
});
