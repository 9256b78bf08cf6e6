import { dtypeInfo } from "./dtype.js";
import type { Shape } from "./shape.js";
import { type Tensor, zeroTensor } from "./tensor.js";
import { extentRange, fullSlice, intersectSlices, sliceShape, type TensorSlice } from "./tensor-slice.js";

/** A run of elements that are adjacent in both of two slices. */
export interface SliceRun {
  /** Index of the first element in the source slice. */
  readonly from: number;
  /** Index of the first element in the target slice. */
  readonly to: number;
  /** Number of elements. */
  readonly length: number;
}

/** Yields the runs of elements that the slices `from` and `to` of one tensor share, in row-major order. */
export function* overlapRuns(shape: Shape, from: TensorSlice, to: TensorSlice): Generator<SliceRun, undefined> {
  const common = intersectSlices(shape, from, to);
  if (common === undefined) return;
  const layouts = [from, to].map((slice) => layoutOf(shape, slice)) as [Layout, Layout];
  const extents = common as readonly { readonly start: number; readonly length: number }[];
  // Trailing dimensions that both slices hold whole form one run together.
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

/**
 * Returns the range of elements of the slice `from` that holds all elements which it shares with `to`, or `undefined` if it
 * shares none.
 */
export function overlapRange(
  shape: Shape,
  from: TensorSlice,
  to: TensorSlice,
): { readonly start: number; readonly end: number } | undefined {
  const common = intersectSlices(shape, from, to) as readonly { start: number; length: number }[] | undefined;
  if (common === undefined) return undefined;
  const layout = layoutOf(shape, from);
  const [first, last] = [common.map(({ start }) => start), common.map(({ start, length }) => start + length - 1)];
  return { start: offsetOf(layout, first), end: offsetOf(layout, last) + 1 };
}

interface Layout {
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
}

function layoutOf(shape: Shape, slice: TensorSlice): Layout {
  const ranges = slice.map((extent, d) => extentRange(extent, shape[d] as number));
  return { starts: ranges.map(({ start }) => start), sizes: ranges.map(({ length }) => length) };
}

function offsetOf({ starts, sizes }: Layout, index: readonly number[]): number {
  return index.reduce((offset, at, d) => offset * (sizes[d] as number) + at - (starts[d] as number), 0);
}

/** A slice of a tensor with its values. */
export interface TensorPart {
  readonly slice: TensorSlice;
  readonly tensor: Tensor;
}

/**
 * Copies the elements that two slices of one tensor share from the one into the other. It writes to the target's data, so
 * only a tensor that was not passed on yet may be a target.
 *
 * @param shape - shape of the whole tensor
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
 * Copies a slice of a tensor into a tensor of its own.
 *
 * @throws {@link InternalError} if the slice is not inside the tensor.
 */
export function tensorPart(tensor: Tensor, slice: TensorSlice): Tensor {
  const { dtype, shape } = tensor;
  const part = zeroTensor(dtype, sliceShape(shape, slice));
  copyOverlap(shape, { tensor, slice: fullSlice(shape.length) }, { tensor: part, slice });
  return part;
}
