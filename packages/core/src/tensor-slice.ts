import { dtypeInfo } from "./dtype.js";
import { type ErrorContext, InternalError, InvalidArgumentError } from "./errors.js";
import { formatShape, numElements, type Shape } from "./shape.js";
import { type Tensor, zeroTensor } from "./tensor.js";

/** A part of one dimension: `length` elements from `start` on, or with `"full"` all of them. */
export type Extent = { readonly start: number; readonly length: number } | "full";

/**
 * A rectangular part of a tensor, one extent per dimension. How it is spelled matters: `0,4` of a dimension of 4 is the
 * same part as `-`, but another key in a file.
 */
export type TensorSlice = readonly Extent[];

/** The slice of a rank that covers everything. */
export function fullSlice(rank: number): TensorSlice {
  return Array.from({ length: rank }, () => "full" as const);
}

/** A slice as text: `0,3:-` (`TensorSlice::DebugString`). */
export function formatSlice(slice: TensorSlice): string {
  return slice.map((extent) => (extent === "full" ? "-" : `${extent.start},${extent.length}`)).join(":");
}

/**
 * Reads a slice from its text.
 *
 * @throws `InvalidArgumentError` if it is none.
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

/** The full shape of a tensor and which part of it is meant. */
export interface ShapeAndSlice {
  readonly shape: Shape;
  readonly slice: TensorSlice;
}

/**
 * Reads the text that says which part of which full tensor is saved or restored: sizes of the full tensor and a slice,
 * with single spaces between (`7 5 0,3:-`). `""` is the whole tensor, and gives `undefined`.
 *
 * @throws `InvalidArgumentError` if it is malformed, `InternalError` if the slice does not fit the shape.
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

/** The text that {@link parseShapeAndSlice} reads. */
export function formatShapeAndSlice({ shape, slice }: ShapeAndSlice): string {
  return `${shape.join(" ")} ${formatSlice(slice)}`;
}

/**
 * The shape of a part of a tensor.
 *
 * @param context - what errors are about
 * @throws `InternalError` if the ranks differ or an extent is not inside its dimension, as in TensorFlow.
 */
export function sliceShape(shape: Shape, slice: TensorSlice, context?: ErrorContext): Shape {
  const where = () => `shape = ${formatShape(shape)}, slice = ${formatSlice(slice)}`;
  if (slice.length !== shape.length) throw new InternalError(`Mismatching ranks: ${where()}`, context);
  return slice.map((extent, d) => {
    if (extent === "full") return shape[d] as number;
    const { start, length } = extent;
    if (!(start >= 0 && length >= 0 && start + length <= (shape[d] as number))) {
      throw new InternalError(`Extent in dimension ${d} out of bounds: ${where()}`, context);
    }
    return length;
  });
}

/** Whether a slice is all of a tensor, however it is spelled. */
export function isWhole(shape: Shape, slice: TensorSlice): boolean {
  return slice.every((extent, d) => extent === "full" || extent.length === shape[d]);
}

/** Whether two parts of a tensor share an element. */
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

/** What two parts of a tensor share, in numbers, or `undefined` if nothing. */
export function intersectSlices(shape: Shape, a: TensorSlice, b: TensorSlice): TensorSlice | undefined {
  const both: Extent[] = [];
  for (let d = 0; d < shape.length; d++) {
    const x = range(a[d] as Extent, shape[d] as number);
    const y = range(b[d] as Extent, shape[d] as number);
    const start = Math.max(x.start, y.start);
    const length = Math.min(x.start + x.length, y.start + y.length) - start;
    if (length <= 0) return undefined;
    both.push({ start, length });
  }
  return both;
}

function range(extent: Extent, dim: number): { readonly start: number; readonly length: number } {
  return extent === "full" ? { start: 0, length: dim } : extent;
}

/** One run of elements that lie next to each other in both of two parts. */
export interface SliceRun {
  /** Element index in the one part. */
  readonly from: number;
  /** Element index in the other. */
  readonly to: number;
  readonly length: number;
}

/** The runs of elements by which `from` and `to`, two parts of one tensor, overlap, in row-major order. */
export function* overlapRuns(shape: Shape, from: TensorSlice, to: TensorSlice): Generator<SliceRun> {
  const common = intersectSlices(shape, from, to);
  if (common === undefined) return;
  const layouts = [from, to].map((slice) => layoutOf(shape, slice)) as [Layout, Layout];
  const extents = common as readonly { readonly start: number; readonly length: number }[];
  // Dimensions at the end that both parts hold whole make one run together.
  let inner = shape.length;
  let length = 1;
  while (inner > 0) {
    const d = --inner;
    length *= (extents[d] as { length: number }).length;
    if (layouts.some(({ sizes }) => sizes[d] !== (extents[d] as { length: number }).length)) break;
  }
  const outer = extents.slice(0, inner);
  const index = outer.map(({ start }) => start);
  const rest = extents.slice(inner).map(({ start }) => start);
  for (;;) {
    const [a, b] = layouts.map((layout) => offsetOf(layout, [...index, ...rest])) as [number, number];
    yield { from: a, to: b, length };
    let d = inner - 1;
    while (d >= 0) {
      const extent = outer[d] as { start: number; length: number };
      index[d] = (index[d] as number) + 1;
      if ((index[d] as number) < extent.start + extent.length) break;
      index[d--] = extent.start;
    }
    if (d < 0) return;
  }
}

interface Layout {
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
}

function layoutOf(shape: Shape, slice: TensorSlice): Layout {
  const ranges = slice.map((extent, d) => range(extent, shape[d] as number));
  return { starts: ranges.map(({ start }) => start), sizes: ranges.map(({ length }) => length) };
}

function offsetOf({ starts, sizes }: Layout, index: readonly number[]): number {
  return index.reduce((offset, at, d) => offset * (sizes[d] as number) + at - (starts[d] as number), 0);
}

/** Number of elements of a part of a tensor. */
export function sliceElements(shape: Shape, slice: TensorSlice): number {
  return numElements(sliceShape(shape, slice));
}

/** A part of a tensor with its values. */
export interface TensorPart {
  readonly slice: TensorSlice;
  readonly tensor: Tensor;
}

/**
 * Copies what two parts of one full tensor share from the one into the other, whose values are overwritten; so the
 * target must be in the making still.
 */
export function copyOverlap(shape: Shape, from: TensorPart, to: TensorPart): void {
  const { lanes } = dtypeInfo(to.tensor.dtype);
  const [source, target] = [from.tensor.data, to.tensor.data];
  for (const run of overlapRuns(shape, from.slice, to.slice)) {
    if (ArrayBuffer.isView(source) && ArrayBuffer.isView(target)) {
      const part = source.subarray(run.from * lanes, (run.from + run.length) * lanes);
      (target as { set(values: typeof part, offset: number): void }).set(part, run.to * lanes);
    } else {
      for (let i = 0; i < run.length; i++) {
        (target as Uint8Array[])[run.to + i] = (source as readonly Uint8Array[])[run.from + i] as Uint8Array;
      }
    }
  }
}

/**
 * A part of a tensor, in memory of its own.
 *
 * @throws `InternalError` if the slice is not inside the tensor.
 */
export function tensorPart(tensor: Tensor, slice: TensorSlice): Tensor {
  const { dtype, shape } = tensor;
  const part = zeroTensor(dtype, sliceShape(shape, slice));
  copyOverlap(shape, { tensor, slice: fullSlice(shape.length) }, { tensor: part, slice });
  return part;
}
