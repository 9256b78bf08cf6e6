import { describe, expect, it } from "vitest";
import { afterKey, type Key, type Selection, selectedCells } from "../../src/model/tensor/cursor.js";
import { goTo } from "../../src/model/tensor/go-to.js";
import { indexOf, parseWindow } from "../../src/model/tensor/window.js";

const size = { rows: 100, columns: 10 };
const at = (row: number, column: number): Selection => ({ active: { row, column }, anchor: { row, column } });
const key = (name: string, modifiers: Partial<Key> = {}): Key => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  ...modifiers,
});

describe("keys", () => {
  it("move the active cell, and stay inside", () => {
    const moves: readonly (readonly [Key, readonly [number, number]])[] = [
      [key("ArrowDown"), [6, 5]],
      [key("ArrowLeft"), [5, 4]],
      [key("PageDown"), [25, 5]],
      [key("PageUp"), [0, 5]],
      [key("Home"), [5, 0]],
      [key("End"), [5, 9]],
      [key("Home", { ctrlKey: true }), [0, 0]],
      [key("End", { metaKey: true }), [99, 9]],
    ];
    for (const [pressed, [row, column]] of moves)
      expect(afterKey(at(5, 5), pressed, size, 20)).toEqual(at(row, column));
    expect(afterKey(at(5, 5), key("x"), size, 20)).toBeUndefined();
  });

  it("extend the selection with Shift, and select all with Control+A", () => {
    const right = afterKey(at(5, 5), key("ArrowRight", { shiftKey: true }), size, 20) as Selection;
    const both = afterKey(right, key("ArrowUp", { shiftKey: true }), size, 20) as Selection;
    expect(selectedCells(both)).toEqual({ row: 4, column: 5, rows: 2, columns: 2 });
    const all = afterKey(both, key("a", { ctrlKey: true }), size, 20) as Selection;
    expect(selectedCells(all)).toEqual({ row: 0, column: 0, rows: 100, columns: 10 });
  });
});

describe("an index that is written", () => {
  const { window } = parseWindow([2, 3, 4], {});
  const active = { row: 0, column: 3 };
  const found = (text: string) => {
    const to = goTo(window, active, text);
    return typeof to === "string" ? to : indexOf(to.window, to.cell.row, to.cell.column);
  };

  it("leads to a row, to a row and a column, or to any element", () => {
    expect(found("2")).toEqual([0, 2, 3]);
    expect(found("2, 1")).toEqual([0, 2, 1]);
    expect(found("[1, -1, -2]")).toEqual([1, 2, 2]);
  });

  it("that leads nowhere is told why", () => {
    expect(found("9")).toBe("Axis 1 has the positions 0 to 2");
    expect(found("1,2,3,4")).toContain("or an index of 3 numbers");
    expect(found("abc")).toContain("Write a row");
    expect(goTo(parseWindow([], {}).window, active, "0")).toBe("A scalar has one element");
    expect(goTo(parseWindow([9, 9], { slice: "0:3,:" }).window, active, "5,0")).toContain("outside of the slice");
  });
});
