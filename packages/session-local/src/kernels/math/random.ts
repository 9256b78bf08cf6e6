import { type DType, InvalidArgumentError, numElements, type Tensor, UnimplementedError } from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { type Distribution, normal, truncatedNormal, uniform } from "../../random/distributions.js";
import { Philox } from "../../random/philox.js";
import { randomBigInts, randomFloats, randomIntegers } from "../../random/random-tensors.js";
import { shapeOf } from "../arguments.js";
import { computeNumbers } from "../compute.js";
import { bitCodec, numberKind } from "./number-kinds.js";

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

function random(distributionOf: (dtype: DType) => Distribution): Kernel {
  return (call) => {
    const shape = shapeOf(call.input(0), "shape");
    const dtype = call.attributes.type("dtype");
    if (numberKind(dtype, call.op.type) !== "float") {
      throw new UnimplementedError(`${call.op.type} of ${dtype} is not supported`);
    }
    const distribution = distributionOf(dtype);
    const steps = distribution.steps === undefined ? 48 : 256;
    const fill = randomFloats(dtype, distribution, reserve(call, numElements(shape)));
    return computeNumbers(call, dtype, shape, bitCodec(dtype) === undefined ? steps : steps + 56, fill);
  };
}

function uniformInt(call: KernelCall): Tensor | Promise<Tensor> {
  const shape = shapeOf(call.input(0), "shape");
  const [low, high] = [call.input(1), call.input(2)];
  const { dtype } = low;
  const isKnown = dtype === high.dtype && (dtype === "int32" || dtype === "int64");
  if (!isKnown || low.shape.length > 0 || high.shape.length > 0) {
    throw new InvalidArgumentError("minval and maxval must be scalars of one dtype, int32 or int64");
  }
  const [from, to] = [low.data[0] as number | bigint, high.data[0] as number | bigint];
  if (from >= to && numElements(shape) > 0) {
    throw new InvalidArgumentError(`Need minval < maxval, got ${from} >= ${to}`);
  }
  const generator = reserve(call, numElements(shape));
  if (typeof from === "number") {
    return computeNumbers(call, dtype, shape, 32, randomIntegers(from, Number(to), generator));
  }
  const fill = randomBigInts(from, BigInt(to), generator);
  return computeNumbers(call, dtype, shape, 96, (out, start, end) => fill(out as unknown as BigInt64Array, start, end));
}

/** Kernels of operations that generate random numbers. */
export const randomKernels: Readonly<Record<string, Kernel>> = {
  RandomUniform: random(uniform),
  RandomUniformInt: uniformInt,
  RandomStandardNormal: random(normal),
  TruncatedNormal: random(truncatedNormal),
};
