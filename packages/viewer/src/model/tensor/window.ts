import { isCheckpointError, parseNumpySlice, type Shape, type TensorSlice } from "@tfsaver/core";

/** Positions of an axis: `length` of them from `start` on. */
export interface Range {
  readonly start: number;
  readonly length: number;
}

/** The part of a tensor that is shown: ranges of two axes as rows and columns, and one position of each other axis. */
export interface TensorWindow {
  readonly shape: Shape;
  /** Axis whose positions are the rows. Undefined for a scalar, which is one row. */
  readonly rowAxis: number | undefined;
  /** Axis whose positions are the columns. Undefined for scalars and vectors, which are one column. */
  readonly columnAxis: number | undefined;
  /** A range for each axis. */
  readonly ranges: readonly Range[];
}

/** A rectangle of a window, counted from its first row and column. */
export interface Rectangle {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** How a window stands in the address. */
export interface WindowText {
  /** A slice in NumPy's notation: `5:6,:`. Undefined for all of it. */
  readonly slice?: string | undefined;
  /** The axes of rows and columns: `0,2`. Undefined for those that the slice leaves whole, the last two at most. */
  readonly axes?: string | undefined;
}

/**
 * Returns the window that texts describe. Of a text that does not fit the shape, the reason is told, and the first part of the
 * tensor is shown.
 */
export function parseWindow(
  shape: Shape,
  { slice = "", axes }: WindowText,
): { readonly window: TensorWindow; readonly problem: string | undefined } {
  try {
    return { window: windowOf(shape, rangesOf(shape, slice), shownAxes(shape, slice, axes)), problem: undefined };
  } catch (error) {
    if (!isCheckpointError(error)) throw error;
    return { window: windowOf(shape, rangesOf(shape, ""), lastAxes(shape)), problem: error.message };
  }
}

/** Writes a window as texts that {@link parseWindow} reads back, as short as they can be. */
export function formatWindow(window: TensorWindow): WindowText {
  const { shape, ranges, rowAxis, columnAxis } = window;
  const isFirst = parseWindow(shape, {}).window;
  const slice = sliceText(shape, ranges, isShown(window));
  const axes = `${rowAxis},${columnAxis}`;
  const isSame = (other: TensorWindow) => other.rowAxis === rowAxis && other.columnAxis === columnAxis;
  return {
    slice: slice === sliceText(shape, isFirst.ranges, isShown(isFirst)) && isSame(isFirst) ? undefined : slice,
    axes: isSame(parseWindow(shape, { slice }).window) ? undefined : axes,
  };
}

/** Returns the number of rows of a window. */
export function rowCount({ rowAxis, ranges }: TensorWindow): number {
  return rowAxis === undefined ? 1 : (ranges[rowAxis] as Range).length;
}

/** Returns the number of columns of a window. */
export function columnCount({ columnAxis, ranges }: TensorWindow): number {
  return columnAxis === undefined ? 1 : (ranges[columnAxis] as Range).length;
}

/** Returns the position of the first row in its axis. */
export function firstRow({ rowAxis, ranges }: TensorWindow): number {
  return rowAxis === undefined ? 0 : (ranges[rowAxis] as Range).start;
}

/** Returns the position of the first column in its axis. */
export function firstColumn({ columnAxis, ranges }: TensorWindow): number {
  return columnAxis === undefined ? 0 : (ranges[columnAxis] as Range).start;
}

/** Returns the slice of the tensor that a rectangle of a window is. */
export function sliceOf(window: TensorWindow, { row, column, rows, columns }: Rectangle): TensorSlice {
  const { rowAxis, columnAxis, ranges } = window;
  return ranges.map(({ start }, axis) => {
    if (axis === rowAxis) return { start: start + row, length: rows };
    if (axis === columnAxis) return { start: start + column, length: columns };
    return { start, length: 1 };
  });
}

/**
 * Returns the place of an element in the data of a rectangle that was read with {@link sliceOf}.
 *
 * @param row - counted from the first row of the rectangle
 * @param column - counted from its first column
 */
export function placeIn({ rowAxis, columnAxis }: TensorWindow, of: Rectangle, row: number, column: number): number {
  return isTransposed({ rowAxis, columnAxis }) ? column * of.rows + row : row * of.columns + column;
}

/** True if the rows are a later axis than the columns, so that elements of a column lie side by side. */
export function isTransposed({ rowAxis = -1, columnAxis = Number.POSITIVE_INFINITY }: Axes): boolean {
  return rowAxis > columnAxis;
}

type Axes = Pick<TensorWindow, "rowAxis" | "columnAxis">;

/** Returns the index in the tensor of an element of a window. */
export function indexOf(window: TensorWindow, row: number, column: number): readonly number[] {
  return sliceOf(window, { row, column, rows: 1, columns: 1 }).map((extent) => (extent as Range).start);
}

/** Returns the window with another position of an axis that is not shown. */
export function withPosition(window: TensorWindow, axis: number, position: number): TensorWindow {
  const last = Math.max((window.shape[axis] as number) - 1, 0);
  const start = Math.min(Math.max(Math.trunc(position) || 0, 0), last);
  return { ...window, ranges: window.ranges.map((range, at) => (at === axis ? { ...range, start } : range)) };
}

/** Returns the window with other axes as rows and columns, whole; an axis that takes the place of the other changes with it. */
export function withAxes(window: TensorWindow, rowAxis: number, columnAxis: number): TensorWindow {
  const { shape, ranges } = window;
  const isOne = (axis: number) => axis === rowAxis || axis === columnAxis;
  const wasOne = (axis: number) => axis === window.rowAxis || axis === window.columnAxis;
  const next = ranges.map((range, axis) => {
    if (isOne(axis)) return wasOne(axis) ? range : { start: 0, length: shape[axis] as number };
    return { start: range.start, length: 1 };
  });
  return { shape, rowAxis, columnAxis, ranges: next };
}

/** Returns a slice in NumPy's notation: `5:6,:`. */
export function formatNumpySlice(shape: Shape, ranges: readonly Range[]): string {
  return sliceText(shape, ranges, () => true);
}

function isShown({ rowAxis, columnAxis }: TensorWindow): (axis: number) => boolean {
  return (axis) => axis === rowAxis || axis === columnAxis;
}

/** An axis that is not shown is never `:`, even if it has one position, so that the text says which are. */
function sliceText(shape: Shape, ranges: readonly Range[], canBeWhole: (axis: number) => boolean): string {
  return ranges
    .map(({ start, length }, axis) =>
      start === 0 && length === shape[axis] && canBeWhole(axis) ? ":" : `${start}:${start + length}`,
    )
    .join(",");
}

function rangesOf(shape: Shape, slice: string): readonly Range[] {
  return parseNumpySlice(slice, shape).map((extent, axis) =>
    extent === "full" ? { start: 0, length: shape[axis] as number } : extent,
  );
}

function windowOf(
  shape: Shape,
  ranges: readonly Range[],
  [rowAxis, columnAxis]: readonly (number | undefined)[],
): TensorWindow {
  const cut = ranges.map((range, axis) => (axis === rowAxis || axis === columnAxis ? range : { ...range, length: 1 }));
  return { shape, rowAxis, columnAxis, ranges: cut };
}

/** Returns the axes of rows and columns. */
function shownAxes(shape: Shape, slice: string, axes: string | undefined): readonly (number | undefined)[] {
  if (shape.length < 2) return lastAxes(shape);
  const [, rowAxis, columnAxis] = /^(\d+),(\d+)$/.exec(axes ?? "")?.map(Number) ?? [];
  if (rowAxis !== undefined && columnAxis !== undefined && rowAxis !== columnAxis) {
    if (rowAxis < shape.length && columnAxis < shape.length) return [rowAxis, columnAxis];
  }
  // Positions that the slice names one by one are not shown as an axis, if there are enough others.
  const named = parseNumpySlice(slice, shape).map((extent) => extent !== "full" && extent.length === 1);
  const all = shape.map((_, axis) => axis);
  const wide = all.filter((axis) => !named[axis]);
  const shown = [...all.filter((axis) => named[axis]), ...wide].slice(-2);
  return shown.sort((a, b) => a - b);
}

function lastAxes(shape: Shape): readonly (number | undefined)[] {
  const { length } = shape;
  return length < 2 ? [length === 1 ? 0 : undefined, undefined] : [length - 2, length - 1];
}
