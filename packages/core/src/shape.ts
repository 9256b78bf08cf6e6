import { InvalidArgumentError } from "./errors.js";

/** A fully known shape: one size per dimension; `[]` is a scalar. */
export type Shape = readonly number[];

/** A shape as far as it is known in a graph: `undefined` is an unknown rank, `-1` an unknown dimension. */
export type PartialShape = readonly number[] | undefined;

/**
 * Number of elements of a shape.
 *
 * @throws {@link InvalidArgumentError} if a dimension is negative or not an integer, or the product is not a safe
 * integer.
 */
export function numElements(shape: Shape): number {
  let count = 1;
  for (let i = 0; i < shape.length; i++) {
    const dim = shape[i] as number;
    if (!Number.isSafeInteger(dim) || dim < 0) {
      throw new InvalidArgumentError(`Shape ${formatShape(shape)} has the impossible dimension ${dim}`);
    }
    count *= dim;
  }
  if (!Number.isSafeInteger(count)) {
    throw new InvalidArgumentError(`Shape ${formatShape(shape)} has more elements than can be counted`);
  }
  return count;
}

/** Most dimensions that a tensor has in TensorFlow. */
export const MAX_RANK = 254;

/** @throws {@link InvalidArgumentError} if a shape has more dimensions than TensorFlow's can have. */
export function requireRank(shape: Shape): void {
  if (shape.length <= MAX_RANK) return;
  throw new InvalidArgumentError(`A tensor of ${shape.length} dimensions is beyond TensorFlow's ${MAX_RANK}`);
}

/** A shape as TensorFlow prints it: `[2,3]`, `[]`, `[?,3]`, `<unknown>`. */
export function formatShape(shape: PartialShape): string {
  if (shape === undefined) return "<unknown>";
  return `[${shape.map((dim) => (dim < 0 ? "?" : dim)).join(",")}]`;
}

/** Whether two fully known shapes are the same. */
export function shapesEqual(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether two shapes, as far as they are known, can be the same (`tf.TensorShape.is_compatible_with`). */
export function shapesCompatible(a: PartialShape, b: PartialShape): boolean {
  if (a === undefined || b === undefined) return true;
  return a.length === b.length && a.every((dim, i) => dim < 0 || (b[i] as number) < 0 || dim === b[i]);
}

/** Whether rank and every dimension are known (`tf.TensorShape.is_fully_defined`). */
export function isFullyDefined(shape: PartialShape): shape is Shape {
  return shape?.every((dim) => dim >= 0) ?? false;
}
