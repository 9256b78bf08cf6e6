import { type Element, elementReader, formatElement, quoteBytes } from "@tfsaver/checkpoint-tools";
import { type DType, type Tensor, tensorStrings } from "@tfsaver/core";

/** The value of a cell. */
export interface CellValue {
  readonly element: Element;
  /** Length in bytes of the whole string, of which `element` may be the start. Undefined for other dtypes. */
  readonly length: number | undefined;
}

/** Reads the elements of a tensor by place. Those of variants are the bytes of their messages. */
export function cellReader(tensor: Tensor): (place: number) => Element {
  if (tensor.dtype !== "variant") return elementReader(tensor);
  const strings = tensorStrings(tensor);
  return (place) => strings[place] as Uint8Array;
}

/** How strings are shown. */
export type StringStyle = "text" | "hex";

/** Returns the text of a cell. Strings are quoted, or bytes in hex; of a string that is cut, the length follows. */
export function cellText({ element, length }: CellValue, dtype: DType, style: StringStyle): string {
  if (!(element instanceof Uint8Array)) return formatElement(element, dtype);
  const text = style === "hex" || dtype !== "string" ? hexBytes(element) : quoteBytes(element);
  return length === undefined || length <= element.length ? text : `${text}… (${length.toLocaleString("en")} bytes)`;
}

/** Returns bytes in hex, with spaces between. */
export function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** Returns the kind of a value that is to be seen at once: those that are not finite, and zero. */
export function cellKind(element: Element): "nan" | "infinite" | "zero" | "" {
  if (element instanceof Uint8Array || typeof element === "boolean") return "";
  const parts = typeof element === "object" ? element : [element];
  if (parts.some((part) => Number.isNaN(part))) return "nan";
  if (parts.some((part) => typeof part === "number" && !Number.isFinite(part))) return "infinite";
  return parts.every((part) => Number(part) === 0) ? "zero" : "";
}

/** Widths in pixels of columns, by the length of the longest text. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/^bool$/, 68],
  [/^(q?u?int[248]|float[48].*)$/, 76],
  [/^(float16|bfloat16|q?u?int16)$/, 92],
  [/^(float32|q?u?int32)$/, 124],
  [/^(float64|u?int64)$/, 188],
  [/^complex64$/, 232],
  [/^complex128$/, 372],
];

/** Returns the width of a column in pixels. */
export function columnWidth(dtype: DType): number {
  return WIDTHS.find(([pattern]) => pattern.test(dtype))?.[1] ?? 320;
}

/** Returns values as rows of text with tabs between, as spreadsheets take them. */
export function toTsv(rows: number, columns: number, textAt: (row: number, column: number) => string): string {
  const lines = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (__, column) => textAt(row, column)).join("\t"),
  );
  return lines.join("\n");
}
