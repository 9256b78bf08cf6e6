import {
  dtypeInfo,
  formatShape,
  InvalidArgumentError,
  isNumeric,
  numElements,
  type Shape,
  shapesEqual,
  type Tensor,
} from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { stringsOf } from "../arguments.js";
import { computeNumbers, computeStrings, elementsOf } from "../compute.js";
import { broadcastIndices, broadcastShapes } from "../math/broadcast.js";

/** Nanoseconds, roughly, that choosing an element takes. */
const STEPS = 48;

/**
 * Chooses between the elements of two tensors, with broadcasting.
 *
 * @param isFirst - called for one element of the result after the other
 */
function choose(
  call: KernelCall,
  yes: Tensor,
  no: Tensor,
  shape: Shape,
  isFirst: () => boolean,
): Tensor | Promise<Tensor> {
  const { dtype } = yes;
  const [nextYes, nextNo] = [broadcastIndices(yes.shape, shape), broadcastIndices(no.shape, shape)];
  if (!isNumeric(dtype)) {
    const [a, b] = [stringsOf(call, yes), stringsOf(call, no)];
    return computeStrings(call, shape, STEPS, () => {
      const [first, second] = [a[nextYes()], b[nextNo()]];
      return (isFirst() ? first : second) as Uint8Array;
    });
  }
  const [a, b] = [elementsOf(yes), elementsOf(no)];
  const { lanes } = dtypeInfo(dtype);
  return computeNumbers(call, dtype, shape, STEPS * lanes, (out, start, end) => {
    for (let i = start; i < end; i++) {
      const [first, second] = [nextYes(), nextNo()];
      const useFirst = isFirst();
      const [from, at] = useFirst ? [a, first] : [b, second];
      for (let lane = 0; lane < lanes; lane++) out[i * lanes + lane] = from[at * lanes + lane] as number;
    }
  });
}

function conditionOf(call: KernelCall): Tensor & { readonly data: Uint8Array } {
  const condition = call.input(0);
  if (condition.dtype !== "bool") throw new InvalidArgumentError(`A condition must be bool, not ${condition.dtype}`);
  return condition as Tensor & { readonly data: Uint8Array };
}

/** `Select`: a scalar condition chooses a whole tensor, a vector chooses rows, any other shape chooses elements. */
function select(call: KernelCall): Tensor | Promise<Tensor> {
  const condition = conditionOf(call);
  const [yes, no] = [call.input(1), call.input(2)];
  if (condition.shape.length === 0) return condition.data[0] ? yes : no;
  const byRow = condition.shape.length === 1 && yes.shape.length > 1;
  const wanted = byRow ? yes.shape.slice(0, 1) : yes.shape;
  for (const [input, shape, expected] of [
    [0, condition.shape, wanted],
    [2, no.shape, yes.shape],
  ] as const) {
    if (shapesEqual(shape, expected)) continue;
    throw new InvalidArgumentError(
      `Inputs to operation ${call.op.name} of type Select must have the same size and shape.  ` +
        `Input ${input}: ${formatShape(shape)} != input 1: ${formatShape(yes.shape)}`,
    );
  }
  const rowSize = byRow ? numElements(yes.shape.slice(1)) : 1;
  let next = 0;
  return choose(call, yes, no, yes.shape, () => condition.data[Math.floor(next++ / rowSize)] !== 0);
}

/** `SelectV2`: chooses elements, with broadcasting. */
function selectV2(call: KernelCall): Tensor | Promise<Tensor> {
  const condition = conditionOf(call);
  const [yes, no] = [call.input(1), call.input(2)];
  const shape = broadcastShapes(condition.shape, broadcastShapes(yes.shape, no.shape));
  const nextCondition = broadcastIndices(condition.shape, shape);
  return choose(call, yes, no, shape, () => condition.data[nextCondition()] !== 0);
}

/** Kernels of operations that choose between two tensors. */
export const selectKernels: Readonly<Record<string, Kernel>> = { Select: select, SelectV2: selectV2 };
