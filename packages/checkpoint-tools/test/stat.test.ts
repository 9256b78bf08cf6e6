import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import {
  convertCheckpoint,
  formatElement,
  type Statistics,
  statCheckpoint,
  statTensor,
} from "@tfsaver/checkpoint-tools";
import { type Tensor, toTensor } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { randomContent, writeContent } from "../../../tools/fuzz/content.js";
import { Random } from "../../../tools/fuzz/random.js";
import { elementReader } from "../src/values/element-reader.js";
import { save } from "./storages.js";

async function statOf(value: Tensor | readonly number[] | Float32Array): Promise<Statistics> {
  const storage = new MemoryStorage();
  await save(storage, "m", { a: value });
  return (await statCheckpoint("m", { storage })).total;
}

/** Computes the statistics of a tensor one by one, from its sorted elements. */
function expected(tensor: Tensor) {
  const elementAt = elementReader(tensor);
  const count = tensor.shape.reduce((a, b) => a * b, 1);
  const all = Array.from({ length: count }, (_, i) => {
    const element = elementAt(i);
    if (Array.isArray(element)) return Math.hypot(...(element as number[]));
    return typeof element === "bigint" ? Number(element) : Number(element as number);
  });
  const finite = all.filter(Number.isFinite).sort((a, b) => a - b);
  const quantile = (share: number) => {
    const rank = share * (finite.length - 1);
    const [low, high] = [finite[Math.floor(rank)] as number, finite[Math.ceil(rank)] as number];
    return low + (high - low) * (rank - Math.floor(rank));
  };
  return {
    elements: all.length,
    nan: all.filter(Number.isNaN).length,
    positiveInfinity: all.filter((value) => value === Number.POSITIVE_INFINITY).length,
    negativeInfinity: all.filter((value) => value === Number.NEGATIVE_INFINITY).length,
    zeros: finite.filter((value) => value === 0).length,
    min: finite.at(0),
    max: finite.at(-1),
    quantiles: finite.length === 0 ? [] : [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99].map(quantile),
  };
}

describe("statistics of a tensor", () => {
  it("are those of its numbers", async () => {
    expect(await statOf([3, 0, -1, 2])).toMatchObject({ elements: 4, zeros: 1, min: -1, max: 3, mean: 1, l1: 6 });
    const { deviation, l2, histogram } = await statOf([3, 0, -1, 2]);
    expect([deviation, l2]).toEqual([Math.sqrt(2.5), Math.sqrt(14)]);
    expect(histogram.reduce((a, b) => a + b)).toBe(4);
    expect([histogram[0], histogram.at(-1)]).toEqual([1, 1]);
  });

  it("count NaN and infinities, and leave them out", async () => {
    const numbers = [Number.NaN, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 3];
    expect(await statOf(numbers)).toMatchObject({
      ...{ elements: 6, nan: 1, positiveInfinity: 1, negativeInfinity: 2 },
      ...{ min: 1, max: 3, mean: 2, deviation: 1 },
    });
    expect(await statOf([Number.NaN])).toMatchObject({ nan: 1, min: undefined, mean: undefined, quantiles: [] });
    expect(await statOf([])).toMatchObject({ elements: 0, max: undefined, histogram: [] });
  });

  it("keep the mean of numbers that rounding would lose, and the deviation of numbers far from 0", async () => {
    // Sums of 4,096 numbers at a time are added up without loss.
    const large = new Float64Array(3 * 4096);
    large.set([1e20], 0);
    large.set([2500], 4096);
    large.set([-1e20], 2 * 4096);
    expect((await statOf(toTensor(large))).mean).toBe(2500 / large.length);
    const far = Float64Array.from({ length: 10_000 }, (_, i) => 1e9 + (i % 2));
    expect((await statOf(toTensor(far))).deviation).toBeCloseTo(0.5, 10);
  });

  it("are exact for 64-bit integers", async () => {
    const integers = toTensor([2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n], "int64");
    const storage = new MemoryStorage();
    await save(storage, "m", { a: integers });
    const [one] = (await statCheckpoint("m", { storage })).tensors;
    expect([one?.min, one?.max]).toEqual([-(2n ** 63n), 2n ** 63n - 1n]);
  });

  it("have quantiles within 0.05 % for millions of elements, in any number of pieces", async () => {
    const random = new Random(1);
    const numbers = Float32Array.from({ length: 3_000_000 }, () => (random.below(1e6) - 3e5) * 2 ** random.below(20));
    const { quantiles, elements, min, max, histogram } = await statOf(numbers);
    const sorted = numbers.slice().sort();
    expect([elements, min, max]).toEqual([3_000_000, sorted.at(0), sorted.at(-1)]);
    for (const { share, value } of quantiles) {
      const exact = sorted[Math.round(share * (sorted.length - 1))] as number;
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(0.0005 * Math.abs(exact) + 1e-3);
    }
    expect(histogram.reduce((a, b) => a + b)).toBe(3_000_000);
    const integers = Float64Array.from({ length: 1_200_000 }, (_, i) => (i % 10 < 3 ? -3 : 0));
    const some = (await statOf(toTensor(integers))).quantiles;
    expect(some.map(({ value }) => value)).toEqual([-3, -3, -3, 0, 0, 0, 0]);
  });

  it.each(Array.from({ length: 30 }, (_, i) => i))(
    "agree with sorted elements, for random checkpoints (seed %d)",
    async (seed) => {
      const random = new Random(seed);
      const storage = new MemoryStorage();
      const content = randomContent(random, "V2");
      await writeContent(storage, "m", content);
      const { tensors, total } = await statCheckpoint("m", { storage });
      expect(tensors.map(({ name }) => name).sort()).toEqual([...content.tensors.keys()].sort());
      for (const { name, dtype, quantiles, min, max, ...found } of tensors) {
        const { tensor } = content.tensors.get(name) as { tensor: Tensor };
        if (dtype === "string") {
          expect(found).toMatchObject({ elements: tensor.shape.reduce((a, b) => a * b, 1), mean: undefined });
          continue;
        }
        const wanted = expected(tensor);
        expect({ min: min && Number(min), max: max && Number(max) }).toEqual({
          min: wanted.min || (min && 0),
          max: wanted.max || (max && 0),
        });
        const { elements, nan, positiveInfinity, negativeInfinity, zeros } = found;
        expect(wanted).toMatchObject({ elements, nan, positiveInfinity, negativeInfinity, zeros });
        for (const [i, { value }] of quantiles.entries()) {
          const exact = wanted.quantiles[i] as number;
          expect(Math.abs(value - exact)).toBeLessThanOrEqual(1e-12 * Math.max(Math.abs(exact), Math.abs(value)));
        }
      }
      const numeric = tensors.filter(({ dtype }) => dtype !== "string");
      expect(total.elements).toBe(numeric.reduce((sum, { elements }) => sum + elements, 0));
    },
  );
});

describe("statistics of a checkpoint", () => {
  const values = { "enc/a/w": [1, 2], "enc/b": [3], "dec/w": [10], step: [7], "enc-x/w": [5] };

  it("are also those of each scope, at any depth, and of all tensors", async () => {
    const storage = new MemoryStorage();
    await save(storage, "m", values);
    const of = async (depth?: number) => {
      const { scopes } = await statCheckpoint("m", { storage, depth });
      return scopes.map(({ scope, tensors, elements, mean }) => [scope, tensors, elements, mean]);
    };
    expect(await of()).toEqual([
      ["", 1, 1, 7],
      ["dec", 1, 1, 10],
      ["enc", 2, 3, 2],
      ["enc-x", 1, 1, 5],
    ]);
    expect(await of(2)).toContainEqual(["enc/a", 1, 2, 1.5]);
    expect(await of(2)).toContainEqual(["enc", 1, 1, 3]);
    expect((await statCheckpoint("m", { storage })).total).toMatchObject({ elements: 6, min: 1, max: 10 });
  });

  it("are the same for V1, and for selected tensors only", async () => {
    const storage = new MemoryStorage();
    await save(storage, "m", values);
    await convertCheckpoint("m", "v1", { storage, format: "V1", shards: 2 });
    expect(await statCheckpoint("v1-?????-of-00002", { storage })).toEqual(await statCheckpoint("m", { storage }));
    const { tensors } = await statCheckpoint("m", { storage, names: ["enc/*"] });
    expect(tensors.map(({ name }) => name)).toEqual(["enc/a/w", "enc/b"]);
    expect((await rejection(statCheckpoint("m", { storage, names: ["enc/b/w"] }))).message).toContain("did you mean");
  });

  it("report progress up to all bytes, and end when cancelled", async () => {
    const storage = new MemoryStorage();
    await save(storage, "m", values);
    const seen: number[] = [];
    await statCheckpoint("m", { storage, onProgress: ({ done, total }) => seen.push(done / total) });
    expect(seen.at(-1)).toBe(1);
    const controller = new AbortController();
    const onTensor = () => controller.abort();
    const cancelled = statCheckpoint("m", { storage, signal: controller.signal, onTensor });
    expect(await rejection(cancelled)).toMatchObject({ kind: "CancelledError" });
    await (await openCheckpoint("m", { storage })).close();
  });
});

it("one tensor that comes in pieces has the statistics of the whole, in as many intervals as are asked for", async () => {
  const tensor = { name: "x", dtype: "float32", shape: [6], size: 24 } as const;
  const progress: number[] = [];
  async function* pieces() {
    yield toTensor([0, 1, Number.NaN], "float32");
    yield toTensor([2, 3, Number.POSITIVE_INFINITY], "float32");
  }
  const result = await statTensor(tensor, pieces(), { intervals: 3, onProgress: ({ done }) => progress.push(done) });
  expect(result).toMatchObject({ elements: 6, nan: 1, positiveInfinity: 1, zeros: 1, min: 0, max: 3, mean: 1.5 });
  expect(result.histogram).toEqual([1, 1, 2]);
  expect(progress).toEqual([12, 24]);
});

it("an element is shown with as few digits as tell it from others", () => {
  expect(formatElement(Math.fround(0.1), "float32")).toBe("0.1");
  expect(formatElement(2n ** 63n - 1n, "int64")).toBe("9223372036854775807");
  expect(formatElement([1, -2], "complex64")).toBe("1.-2.j");
  expect(formatElement(true, "bool")).toBe("True");
});
