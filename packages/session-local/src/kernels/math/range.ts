import { InvalidArgumentError, type Tensor, UnimplementedError } from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { computeNumbers } from "../compute.js";
import { bitCodec, numberKind, stepsPerNumber } from "./number-kinds.js";

function scalar(tensor: Tensor, what: string): number | bigint {
  const { data } = tensor;
  if (tensor.shape.length > 0 || !ArrayBuffer.isView(data)) throw new InvalidArgumentError(`${what} must be a scalar`);
  return data[0] as number | bigint;
}

/** Lists the numbers from `start` to `limit`, exclusive, in steps of `delta`. */
function range(
  call: KernelCall,
  startTensor: Tensor,
  limitTensor: Tensor,
  deltaTensor: Tensor,
): Tensor | Promise<Tensor> {
  const { dtype } = startTensor;
  const kind = numberKind(dtype, "Range");
  if (bitCodec(dtype) !== undefined) throw new UnimplementedError(`Range of ${dtype} is not supported`);
  const start = scalar(startTensor, "start");
  const limit = scalar(limitTensor, "limit");
  const delta = scalar(deltaTensor, "delta");
  if (Number(delta) === 0) throw new InvalidArgumentError(`Requires delta != 0: ${delta}`);
  if (delta > 0 ? start > limit : start < limit) {
    const relation = delta > 0 ? "start <= limit when delta > 0" : "start >= limit when delta < 0";
    throw new InvalidArgumentError(`Requires ${relation}: ${start}/${limit}`);
  }
  const round = dtype === "float32" ? Math.fround : Number;
  const count = Math.ceil(Math.abs(round(round(Number(limit) - Number(start)) / Number(delta))));
  const first = start as number;
  const step = delta as number;
  return computeNumbers(call, dtype, [count], stepsPerNumber(dtype), (out, from, end) => {
    if (kind === "bigint") {
      const integers = out as unknown as BigInt64Array;
      for (let i = from; i < end; i++) integers[i] = (start as bigint) + BigInt(i) * (delta as bigint);
    } else for (let i = from; i < end; i++) out[i] = first + round(i * step);
  });
}

/** Kernel of the operation that lists numbers at equal distances. */
export const rangeKernels: Readonly<Record<string, Kernel>> = {
  Range: (call) => range(call, call.input(0), call.input(1), call.input(2)),
};
