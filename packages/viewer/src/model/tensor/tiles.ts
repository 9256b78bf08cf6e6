import { numElements } from "@tfsaver/core";
import { columnCount, isTransposed, type Rectangle, rowCount, type TensorWindow } from "./window.js";

/** Numbers of rows and columns that are read together. */
export interface TileSize {
  readonly rows: number;
  readonly columns: number;
}

/** Size of tiles of a tensor that the worker keeps in memory. */
const KEPT: TileSize = { rows: 64, columns: 64 };
/** Bytes of one tile, with those between its elements (128 KiB). */
const TILE_BYTES = 128 << 10;
/** Bytes from one line to the next, up to which lines are read together (8 KiB). */
const NEAR_BYTES = 8 << 10;

/**
 * Returns the size of tiles that reads few bytes beyond those of a screen. Lines of a tensor that are near each other are read
 * whole and together; of lines that are far apart, each tile is a part of one.
 *
 * @param width - bytes of an element
 * @param isKept - true if the worker keeps the whole tensor in memory after the first read
 */
export function tileSize(window: TensorWindow, width: number, isKept: boolean): TileSize {
  if (isKept) return KEPT;
  const transposed = isTransposed(window);
  const [outer, inner] = transposed ? [window.columnAxis, window.rowAxis] : [window.rowAxis, window.columnAxis];
  const strideOf = (axis: number | undefined) =>
    axis === undefined ? width : width * numElements(window.shape.slice(axis + 1));
  const innerCount = transposed ? rowCount(window) : columnCount(window);
  const outerStride = strideOf(outer);
  const size =
    outerStride <= NEAR_BYTES
      ? { outer: clamp(TILE_BYTES / outerStride, 16, 4096), inner: innerCount }
      : { outer: 1, inner: clamp(NEAR_BYTES / strideOf(inner), 16, 512) };
  return transposed ? { rows: size.inner, columns: size.outer } : { rows: size.outer, columns: size.inner };
}

/** Yields the tiles that a part of a window touches. Those at the edges are smaller. */
export function* tilesOf(window: TensorWindow, size: TileSize, part: Rectangle): Generator<Rectangle> {
  const [allRows, allColumns] = [rowCount(window), columnCount(window)];
  const lastRow = Math.min(part.row + part.rows, allRows);
  const lastColumn = Math.min(part.column + part.columns, allColumns);
  for (let row = tileStart(part.row, size.rows); row < lastRow; row += size.rows) {
    for (let column = tileStart(part.column, size.columns); column < lastColumn; column += size.columns) {
      const rows = Math.min(size.rows, allRows - row);
      yield { row, column, rows, columns: Math.min(size.columns, allColumns - column) };
    }
  }
}

/** Returns the first row or column of the tile that a row or column lies in. */
export function tileStart(at: number, length: number): number {
  return Math.floor(at / length) * length;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(Math.floor(value), low), high);
}
