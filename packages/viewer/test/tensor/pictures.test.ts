import { describe, expect, it } from "vitest";
import { intervalsOf } from "../../src/model/pictures/intervals.js";
import { kernelPage, kernelPages, kernelSlice, kernelValues } from "../../src/model/pictures/kernels.js";
import { evenBands, MeanGrid, sampleBands } from "../../src/model/pictures/mean-grid.js";
import { colorOf, NAN_COLOR, pixelsOf, scaleOf } from "../../src/model/pictures/palette.js";

describe("means of bands", () => {
  it("are those of all elements, in whatever blocks they come", () => {
    const valueAt = (row: number, column: number) => row * 100 + column;
    const block = (row: number, column: number, rows: number, columns: number) => ({
      row,
      column,
      rows,
      columns,
      valueAt: (place: number) => valueAt(row + Math.floor(place / columns), column + (place % columns)),
    });
    const whole = new MeanGrid(evenBands(10, 3), evenBands(7, 2));
    whole.add(block(0, 0, 10, 7));
    const parts = new MeanGrid(evenBands(10, 3), evenBands(7, 2));
    for (let row = 0; row < 10; row++) {
      parts.add(block(row, 0, 1, 5));
      parts.add(block(row, 5, 1, 2));
    }
    expect(parts.means()).toEqual(whole.means());
    expect(whole.means()[0]).toBe(101);
  });

  it("are NaN if one element is", () => {
    const grid = new MeanGrid(evenBands(1, 1), evenBands(1000, 2));
    grid.add({ row: 0, column: 0, rows: 1, columns: 1000, valueAt: (place) => (place === 700 ? Number.NaN : 1) });
    expect([...grid.means()]).toEqual([1, Number.NaN]);
  });

  it("of a sample leave elements out", () => {
    const bands = sampleBands(1_000_000_000, 4, 16);
    expect([...bands.starts]).toEqual([0, 250_000_000, 500_000_000, 750_000_000]);
    expect([...bands.ends]).toEqual([16, 250_000_016, 500_000_016, 750_000_016]);
    expect(sampleBands(3, 4, 16)).toEqual(evenBands(3, 3));
  });
});

describe("colors", () => {
  it("are around zero if there are numbers on both sides of it", () => {
    expect(scaleOf([-1, 3, Number.NaN, Number.POSITIVE_INFINITY])).toMatchObject({
      palette: "diverging",
      low: -3,
      high: 3,
    });
    expect(scaleOf([1, 3])).toMatchObject({ palette: "sequential", low: 1, high: 3 });
    expect(scaleOf([Number.NaN])).toMatchObject({ palette: "sequential", low: 0, high: 0 });
    expect(colorOf(0, scaleOf([-1, 3]))).toEqual([247, 247, 247]);
  });

  it("show NaN, infinities, and the greatest numbers", () => {
    const scale = scaleOf([-Number.MAX_VALUE, Number.MAX_VALUE]);
    expect(colorOf(Number.NaN, scale)).toBe(NAN_COLOR);
    expect(colorOf(Number.POSITIVE_INFINITY, scale)).toEqual(colorOf(Number.MAX_VALUE, scale));
    expect([...pixelsOf([0], scale)]).toEqual([247, 247, 247, 255]);
  });
});

describe("a scale by the root", () => {
  it("tells small numbers from zero beside large ones, and keeps zero and the ends", () => {
    const values = [-4, 0, 0.04, 4];
    const [linear, byRoot] = [false, true].map((root) => scaleOf(values, { byRoot: root }));
    for (const value of [-4, 0, 4]) expect(colorOf(value, byRoot as never)).toEqual(colorOf(value, linear as never));
    expect(colorOf(0.04, byRoot as never)).toEqual(colorOf(0.4, linear as never));
  });
});

describe("kernels", () => {
  it("come in pages of input and output channels", () => {
    const shape = [3, 3, 9, 14];
    expect(kernelPages(shape)).toEqual({ down: 2, across: 2 });
    expect(kernelPage(shape, 3)).toEqual({ input: 8, output: 12, inputs: 1, outputs: 2 });
    expect(kernelPage(shape, 99)).toEqual(kernelPage(shape, 3));
    expect(kernelPage(shape, Number.NaN)).toEqual(kernelPage(shape, 0));
    expect(kernelSlice(kernelPage(shape, 3))).toEqual([
      "full",
      "full",
      { start: 8, length: 1 },
      { start: 12, length: 2 },
    ]);
  });

  it("have the values of their channels", () => {
    const page = { input: 2, output: 4, inputs: 2, outputs: 3 };
    const values = Float64Array.from({ length: 2 * 1 * 2 * 3 }, (_, i) => i);
    expect([...kernelValues(values, [2, 1, 9, 9], page, 3, 5)]).toEqual([4, 10]);
  });
});

describe("intervals of a histogram", () => {
  it("reach from the least to the greatest number, of any size", () => {
    const intervals = intervalsOf({ min: -Number.MAX_VALUE, max: Number.MAX_VALUE, histogram: [1, 2] });
    expect(intervals).toEqual([
      { from: -Number.MAX_VALUE, to: 0, count: 1 },
      { from: 0, to: Number.MAX_VALUE, count: 2 },
    ]);
    expect(intervalsOf({ min: 5n, max: 5n, histogram: [4, 0] })).toEqual([{ from: 2.5, to: 7.5, count: 4 }]);
    expect(intervalsOf({ min: undefined, max: undefined, histogram: [] })).toEqual([]);
  });
});
