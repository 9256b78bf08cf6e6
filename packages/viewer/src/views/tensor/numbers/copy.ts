import { tensorToJson } from "@tfsaver/checkpoint-tools";
import {
  dtypeInfo,
  makeTensor,
  type OperationOptions,
  ResourceExhaustedError,
  type Tensor,
  type TensorData,
} from "@tfsaver/core";
import type { App } from "../../../app/app.js";
import { cellReader, cellText, toTsv } from "../../../model/tensor/cell-text.js";
import { isTransposed, placeIn, type Rectangle, sliceOf, type TensorWindow } from "../../../model/tensor/window.js";
import type { CatalogEntry } from "../../../model/tensors/catalog.js";

/** Number of elements that a clipboard can hold without trouble. */
const MAX_CELLS = 1_000_000;

/** Formats in which cells are copied. */
export type CopyFormat = "TSV" | "JSON";

/**
 * Reads the cells of a rectangle and puts their text on the clipboard: rows with tabs between, or nested arrays.
 *
 * @throws `ResourceExhaustedError` if they are more than a million; `CancelledError` if much must be read and the person declines; what reading and the clipboard throw.
 */
export async function copyCells(
  app: App,
  { id, entry, unverified }: { readonly id: number; readonly entry: CatalogEntry; readonly unverified: boolean },
  window: TensorWindow,
  part: Rectangle,
  format: CopyFormat,
  options: OperationOptions = {},
): Promise<void> {
  const { name, dtype } = entry;
  if (part.rows * part.columns > MAX_CELLS) {
    throw new ResourceExhaustedError("at most 1,000,000 elements can be copied. Select fewer, or download the tensor");
  }
  await app.askFirst.mayRead(part.rows * part.columns * Math.max(dtypeInfo(dtype).size, 1), `Copy a part of ${name}`);
  const slice = sliceOf(window, part);
  const { tensor, lengths } = await app.engine.cells({ id, name, slice, unverified }, options);
  const elementAt = cellReader(tensor);
  const textAt = (row: number, column: number) => {
    const place = placeIn(window, part, row, column);
    return cellText({ element: elementAt(place), length: lengths?.[place] }, dtype, "text");
  };
  const shape = window.columnAxis === undefined ? [part.rows] : [part.rows, part.columns];
  const text =
    format === "TSV"
      ? toTsv(part.rows, part.columns, textAt)
      : [...tensorToJson(isTransposed(window) ? transposed(tensor, part) : { ...tensor, shape })].join("");
  await navigator.clipboard.writeText(text);
}

/** Returns a matrix whose columns lie one after another with its rows one after another. */
function transposed({ dtype, data }: Tensor, { rows, columns }: Rectangle): Tensor {
  const { lanes } = dtypeInfo(dtype);
  const from = data as Uint8Array;
  const to = from.slice();
  for (let place = 0; place < to.length; place++) {
    const [element, lane] = [Math.floor(place / lanes), place % lanes];
    const [row, column] = [Math.floor(element / columns), element % columns];
    to[place] = from[(column * rows + row) * lanes + lane] as number;
  }
  return makeTensor(dtype, [rows, columns], to as TensorData);
}
