import { InternalError, InvalidArgumentError } from "./errors.js";
import { formatShape, type Shape } from "./shape.js";
import {
  formatShapeAndSlice,
  formatSlice,
  intersectSlices,
  sliceElements,
  sliceShape,
  slicesOverlap,
  type TensorSlice,
} from "./tensor-slice.js";

/** A tensor and the parts that are stored of it. */
export interface StoredSlices {
  readonly name: string;
  /** The file that says so, for errors. */
  readonly path?: string | undefined;
  readonly shape: Shape;
  readonly slices: readonly TensorSlice[];
}

/**
 * Which of a partitioned tensor's stored slices it takes to fill `wanted` (TensorFlow's `TensorSliceSet`).
 *
 * @throws `InternalError` if stored slices overlap or don't fit the shape, `InvalidArgumentError` if they leave a gap.
 */
export function slicesFor(stored: StoredSlices, wanted: TensorSlice): readonly TensorSlice[] {
  const { name, path, shape, slices } = stored;
  for (const slice of slices) sliceShape(shape, slice, { tensor: name, path });
  requireDisjoint(stored);
  const text = formatSlice(wanted);
  const same = slices.find((slice) => formatSlice(slice) === text);
  if (same !== undefined) return [same];
  const hit = slices.filter((slice) => slicesOverlap(shape, slice, wanted));
  const covered = hit.reduce((sum, slice) => {
    return sum + sliceElements(shape, intersectSlices(shape, slice, wanted) as TensorSlice);
  }, 0);
  if (covered !== sliceElements(shape, wanted)) {
    throw new InvalidArgumentError(
      `Does not have sufficient slices for partitioned tensor ${name} to restore in slice_spec: ` +
        `${formatShapeAndSlice({ shape, slice: wanted })}; stored are ${slices.map(formatSlice).join(" and ")}`,
      { tensor: name, path },
    );
  }
  return hit;
}

/** Above this many slices, comparing each with each would let a small file keep a reader busy. */
const MAX_COMPARED = 4096;

function requireDisjoint({ name, path, shape, slices }: StoredSlices): void {
  const context = { tensor: name, path };
  if (slices.length > MAX_COMPARED) {
    throw new InternalError(
      `Tensor ${name} ${formatShape(shape)} has ${slices.length} slices; ${MAX_COMPARED} at most`,
      context,
    );
  }
  for (const [i, slice] of slices.entries()) {
    for (let before = 0; before < i; before++) {
      const other = slices[before] as TensorSlice;
      if (!slicesOverlap(shape, other, slice)) continue;
      throw new InternalError(
        `Overlapping slices: existing slice = ${formatSlice(other)}, new slice = ${formatSlice(slice)}`,
        context,
      );
    }
  }
}
