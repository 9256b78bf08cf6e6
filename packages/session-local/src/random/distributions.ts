import type { DType } from "@tfsaver/core";
import type { Philox } from "./philox.js";

/** Converts the output of a generator to numbers, in groups. */
export interface Distribution {
  /** Numbers in a group. A group uses one step of the generator unless `steps` is set. */
  readonly size: number;
  /**
   * Steps of the generator that are reserved for each group of a distribution that rejects samples. The position of a
   * group then doesn't depend on the rejections before it.
   */
  readonly steps?: number;
  /** Fills `out` with one group. */
  fill(generator: Philox, out: Float64Array): void;
}

/** Smaller values are replaced by this one, so that the logarithm is finite. */
const SMALLEST = 1e-7;
/** Truncated normals lie within this many standard deviations. */
const TRUNCATION = 2;
/** 32-bit samples that TensorFlow reserves for one truncated number. */
const RESERVED_PER_NUMBER = 256;

const bits = new Uint32Array(4);
const floatBits = new Uint32Array(1);
const floatView = new Float32Array(floatBits.buffer);

/** Makes a float32 in [0, 1) from 23 random bits. */
function toFloat32(sample: number): number {
  floatBits[0] = (sample & 0x7fffff) | 0x3f800000;
  return (floatView[0] as number) - 1;
}

/** Makes a float64 in [0, 1) from 52 random bits. */
function toFloat64(first: number, second: number): number {
  return ((first & 0xfffff) * 2 ** 32 + second) * 2 ** -52;
}

/** Makes two independent normal numbers from two uniform ones, in float32 arithmetic (Box-Muller). */
function normalPair32(first: number, second: number, out: Float64Array): void {
  const radius = Math.fround(Math.sqrt(Math.fround(-2 * Math.fround(Math.log(atLeast(toFloat32(first)))))));
  const angle = Math.fround(2 * Math.PI * toFloat32(second));
  out[0] = Math.fround(Math.fround(Math.sin(angle)) * radius);
  out[1] = Math.fround(Math.fround(Math.cos(angle)) * radius);
}

function normalPair64(samples: Uint32Array, out: Float64Array): void {
  const [a, b, c, d] = samples as unknown as [number, number, number, number];
  const radius = Math.sqrt(-2 * Math.log(Math.max(toFloat64(a, b), SMALLEST)));
  const angle = 2 * Math.PI * toFloat64(c, d);
  out[0] = Math.sin(angle) * radius;
  out[1] = Math.cos(angle) * radius;
}

function atLeast(value: number): number {
  return Math.max(value, Math.fround(SMALLEST));
}

/** Uniform numbers in [0, 1), with as many random bits as the dtype's mantissa has. */
export function uniform(dtype: DType): Distribution {
  if (dtype === "float64") {
    return {
      size: 2,
      fill(generator, out) {
        generator.next(bits);
        out[0] = toFloat64(bits[0] as number, bits[1] as number);
        out[1] = toFloat64(bits[2] as number, bits[3] as number);
      },
    };
  }
  const digits = dtype === "float16" ? 10 : 7;
  const toNumber = dtype === "float32" ? toFloat32 : (sample: number) => (sample & ((1 << digits) - 1)) * 2 ** -digits;
  return {
    size: 4,
    fill(generator, out) {
      generator.next(bits);
      for (let i = 0; i < 4; i++) out[i] = toNumber(bits[i] as number);
    },
  };
}

const pair = new Float64Array(2);

/** Normal numbers with mean 0 and standard deviation 1. */
export function normal(dtype: DType): Distribution {
  if (dtype === "float64") {
    return {
      size: 2,
      fill(generator, out) {
        generator.next(bits);
        normalPair64(bits, out);
      },
    };
  }
  return {
    size: 4,
    fill(generator, out) {
      generator.next(bits);
      for (let i = 0; i < 4; i += 2) {
        normalPair32(bits[i] as number, bits[i + 1] as number, pair);
        out.set(pair, i);
      }
    },
  };
}

/** Normal numbers; those beyond two standard deviations are drawn again. */
export function truncatedNormal(dtype: DType): Distribution {
  const isDouble = dtype === "float64";
  const size = isDouble ? 2 : 4;
  return {
    size,
    steps: (size * RESERVED_PER_NUMBER) / 4,
    fill(generator, out) {
      let filled = 0;
      const keep = (value: number) => {
        if (Math.abs(value) < TRUNCATION && filled < size) out[filled++] = value;
      };
      while (filled < size) {
        generator.next(bits);
        for (let i = 0; i < 4; i += isDouble ? 4 : 2) {
          if (isDouble) normalPair64(bits, pair);
          else normalPair32(bits[i] as number, bits[i + 1] as number, pair);
          keep(pair[0] as number);
          keep(pair[1] as number);
        }
      }
    },
  };
}
