import { InternalError, InvalidArgumentError } from "../errors.js";
import type { Shape } from "../tensor/shape.js";
import {
  formatShapeAndSlice,
  formatSlice,
  intersectSlices,
  sliceElements,
  sliceShape,
  slicesOverlap,
  type TensorSlice,
} from "../tensor/tensor-slice.js";
import { findOverlap } from "./slice-overlap.js";

/** A partitioned tensor and the slices of it that a checkpoint stores. */
export interface StoredSlices {
  readonly name: string;
  /** The file that lists the slices, for errors. */
  readonly path?: string | undefined;
  readonly shape: Shape;
  readonly slices: readonly TensorSlice[];
}

/**
 * Returns the stored slices that are needed to read the slice `wanted` (TensorFlow's `TensorSliceSet`).
 *
 * @throws {@link InternalError} if stored slices overlap or don't fit the shape, {@link InvalidArgumentError} if they leave
 * a gap in `wanted`.
 */
export function slicesFor(stored: StoredSlices, wanted: TensorSlice): readonly TensorSlice[] {
  const { name, path, shape, slices } = stored;
  const same = soundSlices(stored).get(formatSlice(wanted));
  if (same !== undefined) return [same];
  const hit = slices.filter((slice) => slicesOverlap(shape, slice, wanted));
  const covered = hit.reduce((sum, slice) => {
    return sum + sliceElements(shape, intersectSlices(shape, slice, wanted) as TensorSlice);
  }, 0);
  if (covered !== sliceElements(shape, wanted)) {
    throw new InvalidArgumentError(
      `${path === undefined ? "" : `${path}: `}Does not have sufficient slices for partitioned tensor ${name} to restore ` +
        `in slice_spec: ${formatShapeAndSlice({ shape, slice: wanted })}; stored are ${listed(slices)}`,
      { tensor: name, path },
    );
  }
  return hit;
}

/** Maximum number of slices in a message. */
const MAX_LISTED = 10;

function listed(slices: readonly TensorSlice[]): string {
  const some = slices.slice(0, MAX_LISTED).map(formatSlice).join(" and ");
  return slices.length > MAX_LISTED ? `${some} and ${slices.length - MAX_LISTED} more` : some;
}

/** Lists of slices that were checked already, each as a map by the text of a slice. */
const sound = new WeakMap<readonly TensorSlice[], ReadonlyMap<string, TensorSlice>>();

/**
 * Returns the slices by their text. Checks each list once: slices must fit the shape, and no two may overlap.
 */
function soundSlices({ name, path, shape, slices }: StoredSlices): ReadonlyMap<string, TensorSlice> {
  const known = sound.get(slices);
  if (known !== undefined) return known;
  for (const slice of slices) sliceShape(shape, slice, { tensor: name, path });
  const pair = findOverlap(shape, slices);
  if (pair === undefined) {
    const written = new Map(slices.map((slice) => [formatSlice(slice), slice]));
    sound.set(slices, written);
    return written;
  }
  const what =
    pair === "too many"
      ? `${slices.length} slices are stored, and too many of them lie side by side to be compared`
      : `Overlapping slices: existing slice = ${formatSlice(pair[0])}, new slice = ${formatSlice(pair[1])}`;
  throw new InternalError(`${path === undefined ? "" : `${path}: `}tensor ${name}: ${what}`, { tensor: name, path });
}
