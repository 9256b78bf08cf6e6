import { InvalidArgumentError, numElements, type Tensor, UnimplementedError } from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { type Distribution, normal, truncatedNormal, uniform } from "../../random/distributions.js";
import { Philox } from "../../random/philox.js";
import { randomIntegers, randomTensor } from "../../random/random-tensors.js";
import { bytesFor } from "../../run/tensor-size.js";
import { shapeOf } from "../arguments.js";
import { numberKind } from "./number-kinds.js";

/** Steps of the generator that TensorFlow reserves for every number. */
const STEPS_PER_NUMBER = 256n;

/** Reserves `count` numbers of the operation's generator, so that the next run gives others. */
function reserve(call: KernelCall, count: number): Philox {
  const generator = call.state(() => {
    const seed = seedOf(call, "seed");
    const seed2 = seedOf(call, "seed2");
    if (seed === 0n && seed2 === 0n) return new Philox(call.randomBits(), call.randomBits());
    return new Philox(seed, seed2);
  });
  const reserved = generator.clone();
  generator.skip(BigInt(count) * STEPS_PER_NUMBER);
  return reserved;
}

/** Reads a seed as a bigint, because a number can't hold all 64 bits. */
function seedOf({ op }: KernelCall, name: string): bigint {
  return BigInt.asUintN(64, BigInt(op.attrs.get(name)?.i ?? 0));
}

function random(distributionOf: (dtype: ReturnType<KernelCall["attributes"]["type"]>) => Distribution): Kernel {
  return (call) => {
    const shape = shapeOf(call.input(0), "shape");
    const dtype = call.attributes.type("dtype");
    if (numberKind(dtype, call.op.type) !== "float") {
      throw new UnimplementedError(`${call.op.type} of ${dtype} is not supported`);
    }
    call.reserve(bytesFor(dtype, shape));
    return randomTensor(dtype, shape, distributionOf(dtype), reserve(call, numElements(shape)));
  };
}

function uniformInt(call: KernelCall): Tensor {
  const shape = shapeOf(call.input(0), "shape");
  const [low, high] = [call.input(1), call.input(2)];
  const isKnown = low.dtype === high.dtype && (low.dtype === "int32" || low.dtype === "int64");
  if (!isKnown || low.shape.length > 0 || high.shape.length > 0) {
    throw new InvalidArgumentError("minval and maxval must be scalars of one dtype, int32 or int64");
  }
  const [from, to] = [low.data[0], high.data[0]] as unknown as [number, number];
  if (from >= to && numElements(shape) > 0) {
    throw new InvalidArgumentError(`Need minval < maxval, got ${from} >= ${to}`);
  }
  call.reserve(bytesFor(low.dtype, shape));
  return randomIntegers(low, high, shape, reserve(call, numElements(shape)));
}

/** Kernels of operations that generate random numbers. */
export const randomKernels: Readonly<Record<string, Kernel>> = {
  RandomUniform: random(uniform),
  RandomUniformInt: uniformInt,
  RandomStandardNormal: random(normal),
  TruncatedNormal: random(truncatedNormal),
};
