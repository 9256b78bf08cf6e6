import {
  allocateTensor,
  dtypeInfo,
  formatShape,
  InvalidArgumentError,
  isNumeric,
  makeTensor,
  numElements,
  type Shape,
  shapesEqual,
  type Tensor,
  tensorStrings,
} from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { bytesFor } from "../../run/tensor-size.js";
import { broadcastShapes, forEachBroadcast } from "../math/broadcast.js";

/** The source of each element of a result: element `index[i]` of the second tensor if `second[i]`, else of the first. */
interface Choice {
  readonly second: Uint8Array;
  readonly index: Float64Array;
}

/** Bytes per element of a {@link Choice}. */
const CHOICE_SIZE = 9;

function take(yes: Tensor, no: Tensor, shape: Shape, { second, index }: Choice): Tensor {
  const { dtype } = yes;
  const count = numElements(shape);
  if (!isNumeric(dtype)) {
    const [a, b] = [tensorStrings(yes), tensorStrings(no)];
    const strings = Array.from({ length: count }, (_, i) => (second[i] ? b : a)[index[i] as number] as Uint8Array);
    return makeTensor(dtype, shape, strings);
  }
  const result = allocateTensor(dtype, shape);
  const [a, b, out] = [yes.data, no.data, result.data] as unknown as [Float64Array, Float64Array, Float64Array];
  const { lanes } = dtypeInfo(dtype);
  for (let i = 0; i < count; i++) {
    const from = second[i] ? b : a;
    for (let lane = 0; lane < lanes; lane++) {
      out[i * lanes + lane] = from[(index[i] as number) * lanes + lane] as number;
    }
  }
  return result;
}

function conditionOf(call: KernelCall): Tensor & { readonly data: Uint8Array } {
  const condition = call.input(0);
  if (condition.dtype !== "bool") throw new InvalidArgumentError(`A condition must be bool, not ${condition.dtype}`);
  return condition as Tensor & { readonly data: Uint8Array };
}

/** `Select`: a scalar condition chooses a whole tensor, a vector chooses rows, any other shape chooses elements. */
function select(call: KernelCall): Tensor {
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
  const count = numElements(yes.shape);
  const rowSize = byRow ? numElements(yes.shape.slice(1)) : 1;
  call.reserve(count * CHOICE_SIZE + bytesFor(yes.dtype, [count]));
  const second = Uint8Array.from({ length: count }, (_, i) => (condition.data[Math.floor(i / rowSize)] ? 0 : 1));
  return take(yes, no, yes.shape, { second, index: Float64Array.from({ length: count }, (_, i) => i) });
}

/** `SelectV2`: chooses elements, with broadcasting. */
function selectV2(call: KernelCall): Tensor {
  const condition = conditionOf(call);
  const [yes, no] = [call.input(1), call.input(2)];
  const shape = broadcastShapes(condition.shape, broadcastShapes(yes.shape, no.shape));
  const count = numElements(shape);
  call.reserve(count * CHOICE_SIZE + bytesFor(yes.dtype, [count]));
  const second = new Uint8Array(count);
  const index = new Float64Array(count);
  forEachBroadcast(condition.shape, shape, (i, from) => {
    second[i] = condition.data[from] ? 0 : 1;
  });
  for (const [which, tensor] of [yes, no].entries()) {
    forEachBroadcast(tensor.shape, shape, (i, from) => {
      if (second[i] === which) index[i] = from;
    });
  }
  return take(yes, no, shape, { second, index });
}

/** Kernels of operations that choose between two tensors. */
export const selectKernels: Readonly<Record<string, Kernel>> = { Select: select, SelectV2: selectV2 };
