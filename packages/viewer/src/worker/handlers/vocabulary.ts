import { elementReader, formatElement } from "@tfsaver/checkpoint-tools";
import { numElements, type Tensor, throwIfAborted, turnOfEventLoop } from "@tfsaver/core";
import { type Handlers, transferring } from "../../rpc/index.js";
import type { TensorParts } from "../tensor-parts.js";

/** Bytes of a string that a row shows. */
const HEAD_BYTES = 200;
/** Number of rows that are searched before other calls have their turn. */
const SEARCHED_AT_ONCE = 20_000;

/** The tensors of a hash table. */
interface Table {
  readonly id: number;
  readonly keys: string;
  readonly values: string;
}

/** Rows of a hash table, as text. */
export interface TableRows {
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

export interface VocabularyContract {
  /** Returns the texts of some rows of a hash table, strings cut to 200 bytes. */
  tableRows(request: Table & { readonly rows: readonly number[] }): TableRows;
  /** Returns the rows of a hash table whose key or value contains a text, in ascending order. Case does not count. */
  searchTable(request: Table & { readonly text: string }): Uint32Array;
}

export function vocabularyHandlers(parts: TensorParts): Handlers<VocabularyContract> {
  const columnsOf = async ({ id, keys, values }: Table, signal: AbortSignal) => {
    const [first, second] = await Promise.all([
      parts.get(id, keys, undefined, { signal }),
      parts.get(id, values, undefined, { signal }),
    ]);
    return { keys: textReader(first.tensor), values: textReader(second.tensor), count: rowsOf(first.tensor) };
  };
  return {
    tableRows: async ({ rows, ...table }, { signal }) => {
      const { keys, values } = await columnsOf(table, signal);
      return { keys: rows.map(keys), values: rows.map(values) };
    },
    searchTable: async ({ text, ...table }, { signal }) => {
      const { keys, values, count } = await columnsOf(table, signal);
      const wanted = text.toLowerCase();
      const found: number[] = [];
      for (let row = 0; row < count; row++) {
        if (keys(row).toLowerCase().includes(wanted) || values(row).toLowerCase().includes(wanted)) found.push(row);
        if (row % SEARCHED_AT_ONCE !== SEARCHED_AT_ONCE - 1) continue;
        await turnOfEventLoop();
        throwIfAborted(signal);
      }
      const rows = Uint32Array.from(found);
      return transferring(rows, [rows.buffer]);
    },
  };
}

function rowsOf({ shape }: Tensor): number {
  return shape[0] ?? 0;
}

/** Reads the rows of a tensor as text. A row of several elements is a list of the first ten. */
function textReader(tensor: Tensor): (row: number) => string {
  const { dtype, shape } = tensor;
  const elementAt = elementReader(tensor);
  const width = numElements(shape.slice(1));
  const text = (place: number) => {
    const element = elementAt(place);
    return formatElement(element instanceof Uint8Array ? element.subarray(0, HEAD_BYTES) : element, dtype);
  };
  if (width === 1) return text;
  return (row) => {
    const shown = Array.from({ length: Math.min(width, 10) }, (_, i) => text(row * width + i));
    return `${shown.join(", ")}${width > 10 ? ", …" : ""}`;
  };
}
