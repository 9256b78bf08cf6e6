import { type DType, numElements, type Shape, type Tensor } from "@tfsaver/core";
import { type Element, elementReader } from "./element-reader.js";
import { floatFormatter, formatNumber } from "./format-float.js";
import { quoteBytes } from "./quote-bytes.js";

/** Options of {@link formatTensor}. */
export interface FormatTensorOptions {
  /** Maximum number of elements to show in full; larger tensors are summarized. Default: 1000. */
  readonly threshold?: number | undefined;
  /** Number of elements at each end of a dimension in a summary. Default: 3. */
  readonly edgeItems?: number | undefined;
  /** Maximum number of characters in a line. Default: 75. */
  readonly lineWidth?: number | undefined;
}

const ELLIPSIS = "...";

/**
 * Formats a tensor's value for a person, laid out as NumPy prints an array: rows in brackets, aligned columns, at most
 * 8 digits after the point, and only the corners of large tensors. Strings are quoted; bytes that are not UTF-8 are
 * escaped.
 *
 * @throws `UnimplementedError` for `variant` and `resource`.
 *
 * @example
 * ```ts
 * import { formatTensor } from "@tfsaver/checkpoint-tools";
 * import { toTensor } from "@tfsaver/core";
 *
 * console.log(formatTensor(toTensor([[1, 2.5], [-3, 4]])));
 * ```
 */
export function formatTensor(tensor: Tensor, options: FormatTensorOptions = {}): string {
  return formatElements(tensor, options, elementReader(tensor));
}

/**
 * Formats a tensor that comes in pieces, such as those of `CheckpointReader.stream`, as {@link formatTensor} does. Only the
 * elements that are shown are kept.
 *
 * @param tensor - dtype and shape of the whole
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { formatPieces } from "@tfsaver/checkpoint-tools";
 *
 * const reader = await openCheckpoint("run/model.ckpt-7");
 * const info = await reader.info("dense/kernel");
 * if (info !== undefined) console.log(await formatPieces(info, reader.stream(info.name)));
 * await reader.close();
 * ```
 */
export async function formatPieces(
  tensor: TensorDescription,
  pieces: AsyncIterable<Tensor>,
  options: FormatTensorOptions = {},
): Promise<string> {
  const elements = new Map<number, Element>();
  const indexes = shownIndexes(tensor.shape, edgeOf(tensor.shape, options));
  let next = indexes.next();
  let start = 0;
  for await (const piece of pieces) {
    const read = elementReader(piece);
    const end = start + numElements(piece.shape);
    for (; !next.done && next.value < end; next = indexes.next()) elements.set(next.value, read(next.value - start));
    start = end;
  }
  return formatElements(tensor, options, (index) => elements.get(index) as Element);
}

/** Dtype and shape of a tensor. */
export interface TensorDescription {
  readonly dtype: DType;
  readonly shape: Shape;
}

function formatElements(
  { shape, dtype }: TensorDescription,
  options: FormatTensorOptions,
  read: (index: number) => Element,
): string {
  const { lineWidth = 75 } = options;
  if (numElements(shape) === 0) return "[]";
  if (shape.length === 0) return formatElement(read(0), dtype);
  const edge = edgeOf(shape, options);
  const format = elementFormatter([...shownIndexes(shape, edge)].map(read), dtype);
  return layOut(shape, edge, lineWidth, (index) => format(read(index)));
}

/** Returns the number of elements at each end of a dimension that are shown. */
function edgeOf(shape: Shape, { threshold = 1000, edgeItems = 3 }: FormatTensorOptions): number {
  return numElements(shape) > threshold ? edgeItems : Number.POSITIVE_INFINITY;
}

/**
 * Formats one element of a tensor for a person, with as few digits as tell it from all others of its dtype: `0.1`, `1e-07`,
 * `nan`, `True`, `"text"`.
 *
 * @example
 * ```ts
 * import { elementReader, formatElement } from "@tfsaver/checkpoint-tools";
 * import { toTensor } from "@tfsaver/core";
 *
 * const elementAt = elementReader(toTensor([0.1, 1.5], "float32"));
 * console.log(formatElement(elementAt(0), "float32")); // 0.1
 * ```
 */
export function formatElement(value: Element, dtype: DType): string {
  if (typeof value === "number") return isFloat(dtype) ? formatNumber(value, dtype) : String(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  return elementFormatter([value], dtype)(value);
}

function isFloat(dtype: DType): boolean {
  return dtype.includes("float");
}

/** Makes a formatter that gives all of `values`, of one dtype, the same width. */
function elementFormatter(values: readonly Element[], dtype: DType): (value: Element) => string {
  if (dtype === "string") return (value) => quoteBytes(value as Uint8Array);
  if (dtype === "bool") return (value) => (value ? " True" : "False");
  if (dtype.startsWith("complex")) {
    const parts = values as readonly (readonly [number, number])[];
    const real = floatFormatter(
      parts.map(([part]) => part),
      dtype,
    );
    const imaginary = floatFormatter(
      parts.map(([, part]) => part),
      dtype,
      "+",
    );
    return (value) => {
      const [re, im] = value as readonly [number, number];
      return real(re) + imaginary(im).replace(/( *)$/, "j$1");
    };
  }
  if (isFloat(dtype)) return floatFormatter(values as readonly number[], dtype) as (value: Element) => string;
  const width = values.reduce<number>((longest, value) => Math.max(longest, String(value).length), 0);
  return (value) => String(value).padStart(width);
}

/** Returns the positions along a dimension that are shown; `undefined` marks the gap. */
function positions(size: number, edge: number): (number | undefined)[] {
  const all = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  if (size <= 2 * edge) return all(0, size);
  return [...all(0, edge), undefined, ...all(size - edge, size)];
}

/** Yields the indexes of the elements that are shown, in ascending order. */
function* shownIndexes(shape: Shape, edge: number, start = 0): Generator<number, void, undefined> {
  if (shape.includes(0)) return;
  const [size, ...rest] = shape;
  if (size === undefined) {
    yield start;
    return;
  }
  const stride = numElements(rest);
  for (const at of positions(size, edge)) {
    if (at !== undefined) yield* shownIndexes(rest, edge, start + at * stride);
  }
}

function layOut(shape: Shape, edge: number, lineWidth: number, textOf: (index: number) => string): string {
  const level = (dims: Shape, start: number, indent: string, width: number): string => {
    const [size = 0, ...rest] = dims;
    const stride = numElements(rest);
    const shown = positions(size, edge);
    if (rest.length === 0) {
      const words = shown.map((at) => (at === undefined ? ELLIPSIS : textOf(start + at)));
      return `[${breakLines(words, indent, width - 1)}]`;
    }
    const parts = shown.map((at) =>
      at === undefined ? ELLIPSIS : level(rest, start + at * stride, `${indent} `, width - 1),
    );
    return `[${parts.join("\n".repeat(rest.length) + indent)}]`;
  };
  return level(shape, 0, " ", lineWidth);
}

/**
 * Breaks words into lines of at most `width` characters, each behind `indent`. The first line is returned without it.
 */
function breakLines(words: readonly string[], indent: string, width: number): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of words) {
    if (line.length > indent.length && line.length + word.length > width) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  lines.push(line.slice(0, -1));
  return lines.join("\n").slice(indent.length);
}
