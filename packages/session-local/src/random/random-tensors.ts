import { allocateTensor, type DType, numElements, type Shape, type Tensor } from "@tfsaver/core";
import { bitCodec } from "../kernels/math/number-kinds.js";
import type { Distribution } from "./distributions.js";
import type { Philox } from "./philox.js";

/** Makes a tensor of random numbers. The state of the generator doesn't change. */
export function randomTensor(dtype: DType, shape: Shape, distribution: Distribution, generator: Philox): Tensor {
  const result = allocateTensor(dtype, shape);
  const out = result.data as unknown as Float64Array;
  const { size, steps } = distribution;
  const write = bitCodec(dtype)?.write;
  const group = new Float64Array(size);
  const count = numElements(shape);
  const running = generator.clone();
  for (let start = 0; start < count; start += size) {
    const source = steps === undefined ? running : running.clone();
    distribution.fill(source, group);
    for (let i = 0; i < size && start + i < count; i++) {
      const value = group[i] as number;
      out[start + i] = write === undefined ? value : write(value);
    }
    if (steps !== undefined) running.skip(BigInt(steps));
  }
  return result;
}

const bits = new Uint32Array(4);

/** Makes a tensor of random integers, at least `low` and less than `high`. */
export function randomIntegers(low: Tensor, high: Tensor, shape: Shape, generator: Philox): Tensor {
  const result = allocateTensor(low.dtype, shape);
  const { data } = result;
  const running = generator.clone();
  if (data instanceof BigInt64Array) {
    const from = low.data[0] as unknown as bigint;
    const span = BigInt.asUintN(64, (high.data[0] as unknown as bigint) - from);
    for (let i = 0; i < data.length; i++) {
      if (i % 2 === 0) running.next(bits);
      const at = (i % 2) * 2;
      const sample = (BigInt(bits[at + 1] as number) << 32n) | BigInt(bits[at] as number);
      data[i] = from + (sample % span);
    }
    return result;
  }
  const from = low.data[0] as unknown as number;
  const span = (high.data[0] as unknown as number) - from;
  for (let i = 0; i < data.length; i++) {
    if (i % 4 === 0) running.next(bits);
    data[i] = from + ((bits[i % 4] as number) % span);
  }
  return result;
}
