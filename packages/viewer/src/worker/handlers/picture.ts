import { elementReader } from "@tfsaver/checkpoint-tools";
import { dtypeInfo, NotFoundError, numElements, type Shape, type Tensor } from "@tfsaver/core";
import { type Bands, evenBands, MeanGrid, sampleBands } from "../../model/pictures/mean-grid.js";
import { isReadInParts } from "../../model/tensor/read-in-parts.js";
import {
  columnCount,
  isTransposed,
  type Rectangle,
  rowCount,
  sliceOf,
  type TensorWindow,
} from "../../model/tensor/window.js";
import { type Handlers, transferring } from "../../rpc/index.js";
import type { OpenFile, OpenFiles } from "../open-files.js";
import type { TensorParts } from "../tensor-parts.js";

/** Bytes of lines that are read whole for a sample (64 KiB); of longer ones, some parts are read. */
const LINE_BYTES = 64 << 10;
/** Number of lines that are read of a sample, and of parts of long lines. */
const SAMPLE = { lines: 128, longLines: 32, parts: 8 } as const;
/** Bytes of each part of a long line (4 KiB). */
const PART_BYTES = 4 << 10;

/** A matrix as a picture of bounded size. */
export interface Picture {
  readonly rows: Bands;
  readonly columns: Bands;
  /** Means of the bands, row by row. Of complex numbers, of their magnitudes. */
  readonly values: Float64Array;
  /** True if not all elements were read. */
  readonly sampled: boolean;
  /** True if what was read has checksums, and they were compared. */
  readonly verified: boolean;
}

export interface PictureContract {
  /**
   * Reads a window of a tensor as a picture. Of large tensors, a sample of at most 8 MiB is read, or with `all` everything, with
   * progress.
   */
  picture(request: {
    readonly id: number;
    readonly name: string;
    readonly window: TensorWindow;
    /** The largest numbers of bands. */
    readonly maxRows: number;
    readonly maxColumns: number;
    readonly all: boolean;
    /** True to read a small tensor without comparing checksums too. */
    readonly unverified: boolean;
  }): Picture;
}

export function pictureHandlers(files: OpenFiles, parts: TensorParts): Handlers<PictureContract> {
  return {
    picture: async ({ id, name, window, maxRows, maxColumns, all, unverified }, { signal, onProgress }) => {
      const file = files.get(id);
      const info = file.infos.get(name);
      if (info === undefined) throw new NotFoundError(`There is no tensor ${name}`, { tensor: name });
      const rows = evenBands(rowCount(window), maxRows);
      const columns = evenBands(columnCount(window), maxColumns);
      const everything: Rectangle = { row: 0, column: 0, rows: rowCount(window), columns: columnCount(window) };
      if (!isReadInParts({ ...file.form(info), size: info.size })) {
        const grid = new WindowGrid(window, rows, columns);
        const { tensor, verified } = await parts.get(id, name, sliceOf(window, everything), { signal, unverified });
        grid.add(everything, tensor);
        return grid.picture({ sampled: false, verified });
      }
      const width = dtypeInfo(info.dtype).size;
      if (all) {
        const grid = new WindowGrid(window, rows, columns);
        const total = everything.rows * everything.columns * width;
        const onBytes = (done: number) => onProgress({ done, total, tensor: name });
        await addAll(grid, file, name, everything, { signal, onBytes });
        return grid.picture({ sampled: false, verified: false });
      }
      const plan = samplePlan(window, width, maxRows, maxColumns);
      const grid = new WindowGrid(window, plan.rows, plan.columns);
      await Promise.all(
        [...plan.reads].map(async (rectangle) => {
          const { tensor } = await parts.get(id, name, sliceOf(window, rectangle), { signal });
          grid.add(rectangle, tensor);
        }),
      );
      return grid.picture({ sampled: true, verified: false });
    },
  };
}

/** Adds all elements of a window, piece by piece. */
async function addAll(
  grid: WindowGrid,
  { tensors }: OpenFile,
  name: string,
  { rows, columns }: Rectangle,
  { signal, onBytes }: { readonly signal: AbortSignal; readonly onBytes: (done: number) => void },
): Promise<void> {
  const { lines, transposed } = grid;
  const length = transposed ? rows : columns;
  let done = 0;
  let bytes = 0;
  const slice = sliceOf(grid.window, { row: 0, column: 0, rows, columns });
  for await (const piece of tensors.stream(name, { slice, signal, checksums: "none" })) {
    const count = numElements(piece.shape);
    // A piece is a part of one line, or several whole ones.
    const line = Math.floor(done / length);
    const whole = count >= length;
    grid.add(lines(line, whole ? count / length : 1, done % length, whole ? length : count), piece);
    done += count;
    bytes += (piece.data as Uint8Array).byteLength;
    onBytes(bytes);
  }
}

/** Means of a window of a tensor. A line is a row, or a column if the elements of columns lie side by side. */
class WindowGrid {
  readonly transposed: boolean;
  readonly #grid: MeanGrid;

  constructor(
    readonly window: TensorWindow,
    private readonly rows: Bands,
    private readonly columns: Bands,
  ) {
    this.transposed = isTransposed(window);
    this.#grid = this.transposed ? new MeanGrid(columns, rows) : new MeanGrid(rows, columns);
  }

  /** Returns a rectangle of some lines. */
  readonly lines = (line: number, lines: number, start: number, length: number): Rectangle =>
    this.transposed
      ? { row: start, column: line, rows: length, columns: lines }
      : { row: line, column: start, rows: lines, columns: length };

  add({ row, column, rows, columns }: Rectangle, tensor: Tensor): void {
    const valueAt = numberReader(tensor);
    this.#grid.add(
      this.transposed
        ? { row: column, column: row, rows: columns, columns: rows, valueAt }
        : { row, column, rows, columns, valueAt },
    );
  }

  picture(facts: Pick<Picture, "sampled" | "verified">) {
    const { rows, columns } = this;
    const means = this.#grid.means();
    const [height, width] = [rows.starts.length, columns.starts.length];
    const values = this.transposed
      ? Float64Array.from(means, (_, i) => means[(i % width) * height + Math.floor(i / width)] as number)
      : means;
    const picture: Picture = { rows, columns, values, ...facts };
    return transferring(picture, [values.buffer]);
  }
}

/** Reads elements as numbers: magnitudes of complex ones, 1 for true. */
function numberReader(tensor: Tensor): (place: number) => number {
  const { data, dtype } = tensor;
  if (dtype === "float32" || dtype === "float64") return (place) => (data as Float32Array)[place] as number;
  const elementAt = elementReader(tensor);
  return (place) => {
    const element = elementAt(place) as number | readonly [number, number];
    return typeof element === "object" ? Math.hypot(element[0], element[1]) : Number(element);
  };
}

interface SamplePlan {
  readonly rows: Bands;
  readonly columns: Bands;
  readonly reads: Iterable<Rectangle>;
}

/** Plans the reads of a sample: blocks of lines at the same distance, whole or in parts. */
function samplePlan(window: TensorWindow, width: number, maxRows: number, maxColumns: number): SamplePlan {
  const transposed = isTransposed(window);
  const [outerAxis, innerAxis] = transposed ? [window.columnAxis, window.rowAxis] : [window.rowAxis, window.columnAxis];
  const [outerCount, innerCount] = transposed
    ? [columnCount(window), rowCount(window)]
    : [rowCount(window), columnCount(window)];
  const innerStride = strideOf(window.shape, innerAxis, width);
  const isShort = innerCount * innerStride <= LINE_BYTES;
  const together = Math.max(1, Math.floor(LINE_BYTES / strideOf(window.shape, outerAxis, width)));
  const [maxOuter, maxInner] = transposed ? [maxColumns, maxRows] : [maxRows, maxColumns];
  const outer = sampleBands(outerCount, Math.min(maxOuter, isShort ? SAMPLE.lines : SAMPLE.longLines), together);
  const partLength = Math.max(1, Math.floor(PART_BYTES / innerStride));
  const inner = isShort ? evenBands(innerCount, maxInner) : sampleBands(innerCount, SAMPLE.parts, partLength);
  const parts: Bands = isShort ? evenBands(innerCount, 1) : inner;
  function* reads(): Generator<Rectangle> {
    for (const [i, line] of outer.starts.entries()) {
      for (const [j, start] of parts.starts.entries()) {
        const lines = (outer.ends[i] as number) - line;
        const length = (parts.ends[j] as number) - start;
        yield transposed
          ? { row: start, column: line, rows: length, columns: lines }
          : { row: line, column: start, rows: lines, columns: length };
      }
    }
  }
  return transposed ? { rows: inner, columns: outer, reads: reads() } : { rows: outer, columns: inner, reads: reads() };
}

/** Returns the bytes from one position of an axis to the next. */
function strideOf(shape: Shape, axis: number | undefined, width: number): number {
  return axis === undefined ? width : width * numElements(shape.slice(axis + 1));
}
