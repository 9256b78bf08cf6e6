import { type ErrorContext, InternalError, InvalidArgumentError } from "../errors.js";
import { formatShape, numElements, type Shape } from "./shape.js";

/** A range of one dimension: `length` elements from `start` on, or all of them (`"full"`). */
export type Extent = { readonly start: number; readonly length: number } | "full";

/**
 * A rectangular part of a tensor: one extent per dimension. Spelling matters: in a dimension of 4, `0,4` is the same part as
 * `-`, but it has another key in a checkpoint.
 */
export type TensorSlice = readonly Extent[];

/** Returns the slice that covers a whole tensor of this rank. */
export function fullSlice(rank: number): TensorSlice {
  return Array.from({ length: rank }, () => "full" as const);
}

/** Returns a slice with an extent for each dimension: those that are missing at its end are whole. */
export function completeSlice(slice: TensorSlice, rank: number): TensorSlice {
  return slice.length < rank ? [...slice, ...fullSlice(rank - slice.length)] : slice;
}

/** Formats a slice as TensorFlow does: `0,3:-` (`TensorSlice::DebugString`). */
export function formatSlice(slice: TensorSlice): string {
  return slice.map((extent) => (extent === "full" ? "-" : `${extent.start},${extent.length}`)).join(":");
}

/**
 * Parses the text of a slice, such as `0,3:-`.
 *
 * @throws {@link InvalidArgumentError} if the text is malformed.
 */
export function parseSlice(text: string): TensorSlice {
  const parts = text.split(":").filter((part) => part !== "");
  return parts.map((part): Extent => {
    if (part === "-") return "full";
    const [, start, length] = /^\s*([+-]?\d+),\s*([+-]?\d+)$/.exec(part) ?? [];
    if (start === undefined || length === undefined) {
      throw new InvalidArgumentError(`Expected a pair of numbers or '-' but got '${part}': string = ${text}`);
    }
    const extent = { start: Number(start), length: Number(length) };
    if (!(Number.isSafeInteger(extent.start + extent.length) && extent.start >= 0 && extent.length > 0)) {
      throw new InvalidArgumentError(
        `Expected non-negative start and positive length but got start = ${start}, length = ${length}: string = ${text}`,
      );
    }
    return extent;
  });
}

/** A part of a tensor: the shape of the whole tensor, and the slice. */
export interface ShapeAndSlice {
  readonly shape: Shape;
  readonly slice: TensorSlice;
}

/**
 * Parses a `shape_and_slice` of TensorFlow's operations: the sizes of the whole tensor, then a slice, with single spaces
 * between (`7 5 0,3:-`). `""` means the whole tensor and gives `undefined`.
 *
 * @throws {@link InvalidArgumentError} if the text is malformed, {@link InternalError} if the slice does not fit the shape.
 */
export function parseShapeAndSlice(spec: string): ShapeAndSlice | undefined {
  if (spec === "") return undefined;
  const parts = spec.split(" ");
  if (parts.length < 2) {
    throw new InvalidArgumentError(`Need least two elements in shape_and_slice specification: ${spec}`);
  }
  const shape = parts.slice(0, -1).map((part) => {
    if (!/^\d+$/.test(part) || !Number.isSafeInteger(Number(part))) {
      throw new InvalidArgumentError(`Non numerical dimension in shape_and_slice: ${spec}`);
    }
    return Number(part);
  });
  const slice = parseSlice(parts.at(-1) as string);
  sliceShape(shape, slice);
  return { shape, slice };
}

/** Formats the text that {@link parseShapeAndSlice} parses. */
export function formatShapeAndSlice({ shape, slice }: ShapeAndSlice): string {
  return `${shape.join(" ")} ${formatSlice(slice)}`;
}

/**
 * Returns the shape of a slice of a tensor.
 *
 * @param context - file and tensor for the error
 * @throws {@link InternalError} if the ranks differ or an extent is not inside its dimension, as in TensorFlow.
 */
export function sliceShape(shape: Shape, slice: TensorSlice, context?: ErrorContext): Shape {
  const where = () => `shape = ${formatShape(shape)}, slice = ${formatSlice(slice)}`;
  if (slice.length !== shape.length) throw new InternalError(`Mismatching ranks: ${where()}`, context);
  return slice.map((extent, d) => {
    if (extent === "full") return shape[d] as number;
    const { start, length } = extent;
    const areIntegers = Number.isSafeInteger(start) && Number.isSafeInteger(length);
    if (!(areIntegers && start >= 0 && length >= 0 && start + length <= (shape[d] as number))) {
      throw new InternalError(`Extent in dimension ${d} out of bounds: ${where()}`, context);
    }
    return length;
  });
}

/** True if a slice covers the whole tensor, however it is spelled. */
export function isWhole(shape: Shape, slice: TensorSlice): boolean {
  return slice.every((extent, d) => extent === "full" || extent.length === shape[d]);
}

/** True if two slices of a tensor share an element. */
export function slicesOverlap(shape: Shape, a: TensorSlice, b: TensorSlice): boolean {
  for (let d = 0; d < shape.length; d++) {
    const [x, y] = [a[d] as Extent, b[d] as Extent];
    const dim = shape[d] as number;
    const [xStart, xEnd] = x === "full" ? [0, dim] : [x.start, x.start + x.length];
    const [yStart, yEnd] = y === "full" ? [0, dim] : [y.start, y.start + y.length];
    if (Math.min(xEnd, yEnd) <= Math.max(xStart, yStart)) return false;
  }
  return true;
}

/** Returns the part that two slices share, with every extent in numbers, or `undefined` if they share nothing. */
export function intersectSlices(shape: Shape, a: TensorSlice, b: TensorSlice): TensorSlice | undefined {
  const both: Extent[] = [];
  for (let d = 0; d < shape.length; d++) {
    const x = extentRange(a[d] as Extent, shape[d] as number);
    const y = extentRange(b[d] as Extent, shape[d] as number);
    const start = Math.max(x.start, y.start);
    const length = Math.min(x.start + x.length, y.start + y.length) - start;
    if (length <= 0) return undefined;
    both.push({ start, length });
  }
  return both;
}

/** Returns an extent as numbers, `"full"` included. */
export function extentRange(extent: Extent, dim: number): { readonly start: number; readonly length: number } {
  return extent === "full" ? { start: 0, length: dim } : extent;
}

/** Returns the number of elements of a slice. Throws as {@link sliceShape}. */
export function sliceElements(shape: Shape, slice: TensorSlice): number {
  return numElements(sliceShape(shape, slice));
}
