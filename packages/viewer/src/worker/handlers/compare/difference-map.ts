import type { Shape } from "@tfsaver/core";

/** Rows and columns of a picture. */
const MAX_SIDE = 256;

/** A matrix of differences, made small enough to look at. */
export interface DifferencePicture {
  /** Rows and columns of the matrix. Axes before the last one are rows. */
  readonly matrix: readonly [rows: number, columns: number];
  readonly rows: number;
  readonly columns: number;
  /** For each cell, row by row, the difference of largest magnitude in it; NaN if a value is no number. */
  readonly cells: Float32Array;
}

/** Draws the differences of two tensors, which come in parts. */
export class DifferenceMap {
  readonly #matrix: readonly [number, number];
  readonly #rows: number;
  readonly #columns: number;
  readonly #cells: Float32Array;

  /** @param shape - that of both tensors, with two axes at least */
  constructor(shape: Shape) {
    const columns = shape.at(-1) ?? 1;
    const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    this.#matrix = [rows, columns];
    this.#rows = Math.min(rows, MAX_SIDE);
    this.#columns = Math.min(columns, MAX_SIDE);
    this.#cells = new Float32Array(this.#rows * this.#columns);
  }

  /** Adds the next differences in row-major order. */
  add(differences: ArrayLike<number>, start: number): void {
    const [rows, columns] = this.#matrix;
    const cells = this.#cells;
    let row = Math.floor(start / columns);
    let column = start % columns;
    let first = this.#firstCell(row, rows);
    for (let i = 0; i < differences.length; i++) {
      const cell = first + Math.floor((column * this.#columns) / columns);
      const value = differences[i] as number;
      const now = cells[cell] as number;
      // A NaN stays.
      if (Number.isNaN(value) || Math.abs(value) > Math.abs(now)) cells[cell] = value;
      if (++column < columns) continue;
      column = 0;
      first = this.#firstCell(++row, rows);
    }
  }

  result(): DifferencePicture {
    return { matrix: this.#matrix, rows: this.#rows, columns: this.#columns, cells: this.#cells };
  }

  #firstCell(row: number, rows: number): number {
    return Math.floor((row * this.#rows) / rows) * this.#columns;
  }
}
