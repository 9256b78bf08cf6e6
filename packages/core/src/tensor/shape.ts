import { InvalidArgumentError } from "../errors.js";

/** A fully known shape: one size per dimension. `[]` is a scalar. */
export type Shape = readonly number[];

/** A shape of which parts may be unknown: `undefined` is an unknown rank, `-1` an unknown dimension. */
export type PartialShape = readonly number[] | undefined;

/**
 * Returns the number of elements of a shape.
 *
 * @throws {@link InvalidArgumentError} if a dimension is negative or not an integer, or the product is above 2⁵³ − 1.
 */
export function numElements(shape: Shape): number {
  let count = 1;
  for (let i = 0; i < shape.length; i++) {
    const dim = shape[i] as number;
    if (!Number.isSafeInteger(dim) || dim < 0) {
      throw new InvalidArgumentError(`Shape ${formatShape(shape)} has an invalid dimension: ${dim}`);
    }
    count *= dim;
  }
  if (!Number.isSafeInteger(count)) {
    throw new InvalidArgumentError(`Shape ${formatShape(shape)} has more than 2^53 - 1 elements`);
  }
  return count;
}

/** The largest number of dimensions that TensorFlow allows. */
export const MAX_RANK = 254;

/**
 * Checks the number of dimensions of a shape.
 *
 * @throws {@link InvalidArgumentError} if it is above {@link MAX_RANK}.
 */
export function requireRank(shape: Shape): void {
  if (shape.length <= MAX_RANK) return;
  throw new InvalidArgumentError(`A tensor has ${shape.length} dimensions; TensorFlow allows at most ${MAX_RANK}`);
}

/** Formats a shape as TensorFlow prints it: `[2,3]`, `[]`, `[?,3]`, `<unknown>`. */
export function formatShape(shape: PartialShape): string {
  if (shape === undefined) return "<unknown>";
  return `[${shape.map((dim) => (dim < 0 ? "?" : dim)).join(",")}]`;
}

/** True if two fully known shapes are the same. */
export function shapesEqual(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** True if two shapes can be the same; unknown parts match anything (`tf.TensorShape.is_compatible_with`). */
export function shapesCompatible(a: PartialShape, b: PartialShape): boolean {
  if (a === undefined || b === undefined) return true;
  return a.length === b.length && a.every((dim, i) => dim < 0 || (b[i] as number) < 0 || dim === b[i]);
}

/** True if rank and every dimension are known (`tf.TensorShape.is_fully_defined`). */
export function isFullyDefined(shape: PartialShape): shape is Shape {
  return shape?.every((dim) => dim >= 0) ?? false;
}
