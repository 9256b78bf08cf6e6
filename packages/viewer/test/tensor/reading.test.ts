import { describe, expect, it } from "vitest";
import { isReadInParts } from "../../src/model/tensor/read-in-parts.js";
import { ScaledScroll } from "../../src/model/tensor/scaled-scroll.js";
import { tileSize, tilesOf } from "../../src/model/tensor/tiles.js";
import { parseWindow } from "../../src/model/tensor/window.js";

/** Returns the bytes that the tiles of a screen of 40 rows and 12 columns take, with what lies between their elements. */
function screenBytes(shape: readonly number[], axes?: string): number {
  const { window } = parseWindow(shape, { axes });
  const size = tileSize(window, 4, false);
  let bytes = 0;
  for (const { rows, columns } of tilesOf(window, size, { row: 3, column: 2, rows: 40, columns: 12 })) {
    const strideOf = (axis: number | undefined) =>
      4 * shape.slice((axis ?? shape.length) + 1).reduce((a, b) => a * b, 1);
    const [down, across] = [strideOf(window.rowAxis), strideOf(window.columnAxis)];
    // Ranges that are at most 64 KiB apart are read together.
    const line = (count: number, stride: number, inner: number) =>
      stride <= 64 << 10 ? (count - 1) * stride + inner : count * inner;
    bytes += down > across ? line(rows, down, line(columns, across, 4)) : line(columns, across, line(rows, down, 4));
  }
  return bytes;
}

describe("the tiles of a screen", () => {
  it("take less than 1 MiB of a tensor of 5 GiB of any shape", () => {
    const shapes = [
      [1_342_177_280],
      [1_310_720, 1024],
      [671_088_640, 2],
      [80, 16 << 20],
      [2, 671_088_640],
      [131_072, 10_240],
    ];
    for (const shape of shapes) expect(screenBytes(shape)).toBeLessThan(1 << 20);
    expect(screenBytes([1_310_720, 1024], "1,0")).toBeLessThan(1 << 20);
    expect(screenBytes([3, 3, 512, 291_271])).toBeLessThan(1 << 20);
  });

  it("cover what is seen, and end with the window", () => {
    const { window } = parseWindow([10, 10], {});
    const tiles = [...tilesOf(window, { rows: 4, columns: 8 }, { row: 5, column: 0, rows: 100, columns: 10 })];
    expect(tiles).toEqual([
      { row: 4, column: 0, rows: 4, columns: 8 },
      { row: 4, column: 8, rows: 4, columns: 2 },
      { row: 8, column: 0, rows: 2, columns: 8 },
      { row: 8, column: 8, rows: 2, columns: 2 },
    ]);
  });
});

describe("scrolling", () => {
  it("is by pixels where a browser can scroll as far", () => {
    const scroll = new ScaledScroll(10_000, 500);
    expect([scroll.isScaled, scroll.scrolled, scroll.maxOffset]).toEqual([false, 10_000, 9_500]);
    expect(scroll.offsetOf(123)).toBe(123);
  });

  it("reaches both ends of a content of any size, and comes back to the same place", () => {
    const scroll = new ScaledScroll(24 * 1_342_177_280, 500);
    expect(scroll.isScaled).toBe(true);
    expect(scroll.offsetOf(0)).toBe(0);
    expect(scroll.offsetOf(scroll.scrolled - 500)).toBe(scroll.maxOffset);
    expect(scroll.offsetOf(scroll.topOf(1e9))).toBeCloseTo(1e9, 3);
    expect([scroll.clamp(-5), scroll.clamp(1e300)]).toEqual([0, scroll.maxOffset]);
  });
});

describe("a tensor", () => {
  it("is read in parts if it is large and its storage has parts", () => {
    expect(isReadInParts({ inParts: true, size: 17 << 20 })).toBe(true);
    expect(isReadInParts({ inParts: true, size: 16 << 20 })).toBe(false);
    expect(isReadInParts({ inParts: false, size: 17 << 20 })).toBe(false);
  });
});
