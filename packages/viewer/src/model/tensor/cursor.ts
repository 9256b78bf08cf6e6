import type { Rectangle } from "./window.js";

/** A cell of a grid, counted from its first row and column. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** The active cell, and the cell where the selection began. */
export interface Selection {
  readonly active: Cell;
  readonly anchor: Cell;
}

/** Numbers of rows and columns. */
export interface GridSize {
  readonly rows: number;
  readonly columns: number;
}

/** A key that was pressed. */
export type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey">;

/**
 * Returns the selection after a key: arrows, Page Up and Page Down, Home and End for the ends of a row, with Control for those of
 * the grid. Shift keeps the anchor. Control+A selects all. Undefined for other keys.
 *
 * @param page - number of rows that are seen
 */
export function afterKey(selection: Selection, key: Key, size: GridSize, page: number): Selection | undefined {
  const control = key.ctrlKey || key.metaKey;
  const last = { row: size.rows - 1, column: size.columns - 1 };
  if (control && key.key.toLowerCase() === "a") return { active: last, anchor: { row: 0, column: 0 } };
  const next = moved(selection.active, key.key, control, last, Math.max(page, 1));
  if (next === undefined) return undefined;
  const active = {
    row: Math.min(Math.max(next.row, 0), last.row),
    column: Math.min(Math.max(next.column, 0), last.column),
  };
  return { active, anchor: key.shiftKey ? selection.anchor : active };
}

function moved({ row, column }: Cell, key: string, control: boolean, last: Cell, page: number): Cell | undefined {
  switch (key) {
    case "ArrowUp":
      return { row: row - 1, column };
    case "ArrowDown":
      return { row: row + 1, column };
    case "ArrowLeft":
      return { row, column: column - 1 };
    case "ArrowRight":
      return { row, column: column + 1 };
    case "PageUp":
      return { row: row - page, column };
    case "PageDown":
      return { row: row + page, column };
    case "Home":
      return control ? { row: 0, column: 0 } : { row, column: 0 };
    case "End":
      return control ? last : { row, column: last.column };
    default:
      return undefined;
  }
}

/** Returns the rectangle between the active cell and the anchor. */
export function selectedCells({ active, anchor }: Selection): Rectangle {
  const row = Math.min(active.row, anchor.row);
  const column = Math.min(active.column, anchor.column);
  return {
    row,
    column,
    rows: Math.abs(active.row - anchor.row) + 1,
    columns: Math.abs(active.column - anchor.column) + 1,
  };
}
