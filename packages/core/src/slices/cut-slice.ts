import { InvalidArgumentError } from "../errors.js";
import type { Shape } from "../tensor/shape.js";
import { type Extent, extentRange, type TensorSlice } from "../tensor/tensor-slice.js";

/**
 * Cuts a slice of a tensor into smaller ones, in row-major order: the elements of one come right before those of the next.
 * A slice without elements has no parts.
 *
 * @param maxElements - maximum number of elements of a part, 1 at least; `Infinity` for one part
 * @throws {@link InvalidArgumentError} if `maxElements` is less than 1.
 */
export function* cutSlice(shape: Shape, slice: TensorSlice, maxElements: number): Generator<TensorSlice> {
  if (!(maxElements >= 1)) throw new InvalidArgumentError(`A piece has one element at least, not ${maxElements}`);
  const ranges = slice.map((extent, d) => extentRange(extent, shape[d] as number));
  if (ranges.some(({ length }) => length === 0)) return;
  // The dimension that is cut, and the number of elements of one of its positions.
  let cut = ranges.length - 1;
  let inner = 1;
  while (cut > 0 && inner * (ranges[cut] as Range).length <= maxElements) inner *= (ranges[cut--] as Range).length;
  if (cut < 0) {
    yield slice;
    return;
  }
  const { start, length } = ranges[cut] as Range;
  const step = Math.max(1, Math.floor(maxElements / inner));
  const outer = ranges.slice(0, cut);
  const rest = slice.slice(cut + 1);
  if (step >= length && outer.length === 0) {
    yield slice;
    return;
  }
  for (const index of indices(outer)) {
    for (let at = 0; at < length; at += step) {
      yield [...index, { start: start + at, length: Math.min(step, length - at) }, ...rest];
    }
  }
}

interface Range {
  readonly start: number;
  readonly length: number;
}

/** Yields each position in some dimensions, as extents of length 1, in row-major order. */
function* indices([first, ...rest]: readonly Range[]): Generator<Extent[]> {
  if (first === undefined) {
    yield [];
    return;
  }
  for (let at = first.start; at < first.start + first.length; at++) {
    for (const inner of indices(rest)) yield [{ start: at, length: 1 }, ...inner];
  }
}
