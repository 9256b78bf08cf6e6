/** Positions of an axis in groups: group `i` has those from `starts[i]` on and before `ends[i]`. In ascending order. */
export interface Bands {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/** Cuts all positions of an axis into at most `max` bands of nearly the same length. */
export function evenBands(count: number, max: number): Bands {
  const bands = Math.min(count, max);
  const edge = (i: number) => Math.floor((i * count) / bands);
  return {
    starts: Float64Array.from({ length: bands }, (_, i) => edge(i)),
    ends: Float64Array.from({ length: bands }, (_, i) => edge(i + 1)),
  };
}

/** Takes at most `max` bands of at most `length` positions from an axis, at the same distance from each other. */
export function sampleBands(count: number, max: number, length: number): Bands {
  const { starts, ends } = evenBands(count, max);
  return { starts, ends: ends.map((end, i) => Math.min(end, (starts[i] as number) + length)) };
}

/** A block of elements that lie in row-major order. */
export interface Block {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  /** Reads an element by its place in the block. */
  readonly valueAt: (place: number) => number;
}

/**
 * Means of the elements of a matrix by bands of rows and columns. One NaN makes a mean NaN, so that it is seen however large the
 * bands are.
 */
export class MeanGrid {
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;

  constructor(
    readonly rows: Bands,
    readonly columns: Bands,
  ) {
    this.#sums = new Float64Array(rows.starts.length * columns.starts.length);
    this.#counts = new Float64Array(this.#sums.length);
  }

  /** Adds the elements of a block that lie in a band of rows and one of columns. */
  add(block: Block): void {
    const width = this.columns.starts.length;
    for (const row of overlaps(this.rows, block.row, block.rows)) {
      for (const column of overlaps(this.columns, block.column, block.columns)) {
        let sum = 0;
        for (let r = row.start; r < row.end; r++) {
          const line = r * block.columns;
          for (let c = column.start; c < column.end; c++) sum += block.valueAt(line + c);
        }
        const at = row.band * width + column.band;
        this.#sums[at] = (this.#sums[at] as number) + sum;
        this.#counts[at] = (this.#counts[at] as number) + (row.end - row.start) * (column.end - column.start);
      }
    }
  }

  /** Returns the means, row by row. */
  means(): Float64Array {
    return this.#sums.map((sum, i) => sum / (this.#counts[i] as number));
  }
}

/** Yields the bands that a block touches, with the part of the block that lies in each. */
function* overlaps({ starts, ends }: Bands, from: number, length: number) {
  for (let band = firstEndingAfter(ends, from); band < starts.length; band++) {
    const start = Math.max(starts[band] as number, from) - from;
    const end = Math.min(ends[band] as number, from + length) - from;
    if (start >= length) return;
    if (end > start) yield { band, start, end };
  }
}

function firstEndingAfter(ends: Float64Array, position: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] as number) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}
