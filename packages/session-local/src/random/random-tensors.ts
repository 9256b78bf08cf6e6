import type { DType } from "@tfsaver/core";
import { bitCodec } from "../kernels/math/number-kinds.js";
import type { Distribution } from "./distributions.js";
import type { Philox } from "./philox.js";

/** Writes the next numbers, from index `start` to `end`, exclusive. `start` is where the last call ended. */
export type FillNumbers<T> = (out: T, start: number, end: number) => void;

/**
 * Returns a function that fills an array of a floating-point dtype with random numbers. The state of the generator doesn't
 * change. All ends but the last must be multiples of the distribution's size.
 */
export function randomFloats(
  dtype: DType,
  distribution: Distribution,
  generator: Philox,
): FillNumbers<{ [index: number]: number }> {
  const { size, steps } = distribution;
  const write = bitCodec(dtype)?.write;
  const group = new Float64Array(size);
  const running = generator.clone();
  return (out, start, end) => {
    for (let at = start; at < end; at += size) {
      const source = steps === undefined ? running : running.clone();
      distribution.fill(source, group);
      for (let i = 0; i < size && at + i < end; i++) {
        const value = group[i] as number;
        out[at + i] = write === undefined ? value : write(value);
      }
      if (steps !== undefined) running.skip(BigInt(steps));
    }
  };
}

/** Random integers in a group: one step of the generator. */
const bits = new Uint32Array(4);

/** Returns a function that fills an array with random integers, at least `low` and less than `high`. */
export function randomIntegers(low: number, high: number, generator: Philox): FillNumbers<{ [index: number]: number }> {
  const span = high - low;
  const running = generator.clone();
  return (out, start, end) => {
    for (let i = start; i < end; i++) {
      if (i % 4 === 0) running.next(bits);
      out[i] = low + ((bits[i % 4] as number) % span);
    }
  };
}

/** Returns a function that fills an array with random 64-bit integers, at least `low` and less than `high`. */
export function randomBigInts(low: bigint, high: bigint, generator: Philox): FillNumbers<{ [index: number]: bigint }> {
  const span = BigInt.asUintN(64, high - low);
  const running = generator.clone();
  return (out, start, end) => {
    for (let i = start; i < end; i++) {
      if (i % 2 === 0) running.next(bits);
      const at = (i % 2) * 2;
      const sample = (BigInt(bits[at + 1] as number) << 32n) | BigInt(bits[at] as number);
      out[i] = low + (sample % span);
    }
  };
}
