import { sliceShape } from "@tfsaver/core";
import { describe, expect, it } from "vitest";
import {
  columnCount,
  formatWindow,
  indexOf,
  parseWindow,
  placeIn,
  rowCount,
  sliceOf,
  withAxes,
  withPosition,
} from "../../src/model/tensor/window.js";

const shape = [2, 3, 4];
const windowOf = (slice?: string, axes?: string) => parseWindow(shape, { slice, axes }).window;

describe("the window of a tensor", () => {
  it("is the last two axes, at the first positions of the others", () => {
    const window = windowOf();
    expect([window.rowAxis, window.columnAxis, rowCount(window), columnCount(window)]).toEqual([1, 2, 3, 4]);
    expect(indexOf(window, 1, 2)).toEqual([0, 1, 2]);
    expect(formatWindow(window)).toEqual({});
  });

  it("is one column for a vector, and one cell for a scalar", () => {
    const vector = parseWindow([5], {}).window;
    expect([rowCount(vector), columnCount(vector), indexOf(vector, 3, 0)]).toEqual([5, 1, [3]]);
    const scalar = parseWindow([], {}).window;
    expect([rowCount(scalar), columnCount(scalar), indexOf(scalar, 0, 0)]).toEqual([1, 1, []]);
  });

  it("shows the axes that a slice leaves whole", () => {
    const window = windowOf(":,1:2,:");
    expect([window.rowAxis, window.columnAxis]).toEqual([0, 2]);
    expect(indexOf(window, 1, 3)).toEqual([1, 1, 3]);
  });

  it("keeps ranges of the axes that are shown", () => {
    const window = windowOf("1:2,1:3,2:4");
    expect([rowCount(window), columnCount(window)]).toEqual([2, 2]);
    expect(indexOf(window, 0, 0)).toEqual([1, 1, 2]);
  });

  it("comes back from the text that it is written as, whatever its axes and positions", () => {
    for (const rowAxis of [0, 1, 2]) {
      for (const columnAxis of [0, 1, 2].filter((axis) => axis !== rowAxis)) {
        const rest = 3 - rowAxis - columnAxis;
        const window = withPosition(withAxes(windowOf(), rowAxis, columnAxis), rest, 1);
        expect(parseWindow(shape, formatWindow(window))).toEqual({ window, problem: undefined });
      }
    }
  });

  it("tells why a slice does not fit, and shows the start", () => {
    const { window, problem } = parseWindow(shape, { slice: "5:6,:,:" });
    expect(problem).toContain("selects nothing of dimension 0");
    expect(window).toEqual(windowOf());
    expect(parseWindow(shape, { slice: "<b>" }).problem).toContain("is no range");
    expect(parseWindow(shape, { axes: "7,7" })).toEqual({ window: windowOf(), problem: undefined });
  });

  it("finds elements in parts that were read, also where rows are the later axis", () => {
    for (const window of [windowOf(), windowOf(undefined, "2,1"), windowOf(":,:,1:2", "1,0")]) {
      const part = { row: 1, column: 1, rows: rowCount(window) - 1, columns: columnCount(window) - 1 };
      const slice = sliceOf(window, part);
      const read = sliceShape(shape, slice);
      const order: string[] = [];
      for (let a = 0; a < (read[0] ?? 1); a++) {
        for (let b = 0; b < (read[1] ?? 1); b++) {
          for (let c = 0; c < (read[2] ?? 1); c++) {
            order.push(String([a, b, c].map((at, axis) => at + (slice[axis] as { start: number }).start)));
          }
        }
      }
      for (let row = 0; row < part.rows; row++) {
        for (let column = 0; column < part.columns; column++) {
          const index = String(indexOf(window, part.row + row, part.column + column));
          expect(order[placeIn(window, part, row, column)]).toBe(index);
        }
      }
    }
  });

  it("stays inside of an axis", () => {
    expect(indexOf(withPosition(windowOf(), 0, 99), 0, 0)).toEqual([1, 0, 0]);
    expect(indexOf(withPosition(windowOf(), 0, Number.NaN), 0, 0)).toEqual([0, 0, 0]);
  });
});
