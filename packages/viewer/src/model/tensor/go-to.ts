import type { Cell } from "./cursor.js";
import { columnCount, firstColumn, firstRow, rowCount, type TensorWindow, withPosition } from "./window.js";

/** Where an index leads: to a window, and a cell of it. */
export interface Destination {
  readonly window: TensorWindow;
  readonly cell: Cell;
}

/**
 * Finds the element that a text names: a row (`12`), a row and a column (`12,5`), or a full index (`0,3,12,5`). Negative positions
 * count from the end. Returns what is wrong with the text otherwise.
 *
 * @param active - cell whose column is kept if only a row is named
 */
export function goTo(window: TensorWindow, active: Cell, text: string): Destination | string {
  const { shape, rowAxis, columnAxis } = window;
  const parts = text.replace(/[[\]()\s]/g, "").split(",");
  if (parts.some((part) => !/^-?\d+$/.test(part))) return "Write a row, a row and a column, or an index: 12 or 12,5";
  const shown = [rowAxis, columnAxis].filter((axis) => axis !== undefined);
  if (shown.length === 0) return "A scalar has one element";
  const isIndex = parts.length === shape.length && shape.length > 2;
  if (!isIndex && parts.length > shown.length) {
    return `Write ${shown.length === 1 ? "a row" : "a row, a row and a column"}${
      shape.length > 2 ? `, or an index of ${shape.length} numbers` : ""
    }`;
  }
  const axes = isIndex ? shape.map((_, axis) => axis) : shown;
  let next = window;
  let cell = active;
  for (const [i, part] of parts.entries()) {
    const axis = axes[i] as number;
    const size = shape[axis] as number;
    const position = part.startsWith("-") ? size + Number(part) : Number(part);
    if (!(position >= 0 && position < size)) return `Axis ${axis} has the positions 0 to ${size - 1}`;
    if (axis === rowAxis) cell = { ...cell, row: position - firstRow(window) };
    else if (axis === columnAxis) cell = { ...cell, column: position - firstColumn(window) };
    else next = withPosition(next, axis, position);
  }
  const isInside = (at: number, count: number) => at >= 0 && at < count;
  if (!isInside(cell.row, rowCount(window)) || !isInside(cell.column, columnCount(window))) {
    return "This element is outside of the slice that is shown";
  }
  return { window: next, cell };
}
