import { allocateTensor, type DType, makeTensor, numElements, type Shape, type Tensor } from "@tfsaver/core";
import type { KernelCall } from "../kernel.js";
import { costOf } from "../run/memory/tensor-size.js";

/**
 * The elements of a numeric tensor, for kernels that work on any dtype. Arrays of 64-bit integers contain bigints, though
 * their type here says otherwise.
 */
export type Elements = { [index: number]: number } & ArrayLike<number>;

/** Returns the elements of a numeric tensor. */
export function elementsOf({ data }: Tensor): Elements {
  return data as unknown as Elements;
}

/**
 * Makes a numeric tensor, and lets `fill` write its elements in pieces. Reserves memory and work.
 *
 * @param fill - writes the elements from `start` to `end`, exclusive
 */
export function computeNumbers(
  call: KernelCall,
  dtype: DType,
  shape: Shape,
  stepsPerElement: number,
  fill: (out: Elements, start: number, end: number) => void,
): Tensor | Promise<Tensor> {
  call.reserve(costOf(dtype, shape));
  const result = allocateTensor(dtype, shape);
  const out = elementsOf(result);
  return call.inPieces(numElements(shape), stepsPerElement, (start, end) => fill(out, start, end), result);
}

/**
 * Makes a string tensor, element after element. Reserves the work, and memory for all but the text of new strings.
 *
 * @param next - called for index 0, 1, and so on
 */
export function computeStrings(
  call: KernelCall,
  shape: Shape,
  stepsPerElement: number,
  next: (index: number) => Uint8Array,
): Tensor | Promise<Tensor> {
  call.reserve(costOf("string", shape));
  const strings = new Array<Uint8Array>(numElements(shape));
  const result = makeTensor("string", shape, strings);
  const work = (start: number, end: number) => {
    for (let i = start; i < end; i++) strings[i] = next(i);
  };
  return call.inPieces(strings.length, stepsPerElement, work, result);
}

/** Calls `next` with a result, at once if it is there already. */
export function after<T, R>(result: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return result instanceof Promise ? result.then(next) : next(result);
}
