import { formatShape, InvalidArgumentError, numElements, type Shape, shapesEqual } from "@tfsaver/core";

/**
 * Broadcasts two shapes: dimensions are matched from the last one back, and 1 matches any size.
 *
 * @throws `InvalidArgumentError` if they don't match.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  if (shapesEqual(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new InvalidArgumentError(`Incompatible shapes: ${formatShape(a)} vs. ${formatShape(b)}`);
    }
    return left === 1 ? right : left;
  });
}

/**
 * Returns a function that gives, for one element of `shape` after the other, the index of the matching element of the
 * operand.
 *
 * @param operand - a shape that can be broadcast to `shape`
 */
export function broadcastIndices(operand: Shape, shape: Shape): () => number {
  let next = 0;
  if (shapesEqual(operand, shape)) return () => next++;
  if (numElements(operand) === 1) return () => 0;
  const steps = stepsOf(operand, shape);
  const position = new Array<number>(shape.length).fill(0);
  return () => {
    const current = next;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] as number;
      const step = steps[axis] as number;
      next += step;
      const at = (position[axis] as number) + 1;
      position[axis] = at;
      if (at < size) break;
      next -= step * size;
      position[axis] = 0;
    }
    return current;
  };
}

/** Computes the step of the operand's index along each axis of the broadcast shape. */
function stepsOf(operand: Shape, shape: Shape): number[] {
  const steps = new Array<number>(shape.length).fill(0);
  let stride = 1;
  for (let axis = operand.length - 1; axis >= 0; axis--) {
    const size = operand[axis] as number;
    if (size !== 1) steps[axis + shape.length - operand.length] = stride;
    stride *= size;
  }
  return steps;
}
