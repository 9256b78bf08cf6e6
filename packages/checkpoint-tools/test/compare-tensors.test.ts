import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { compareTensors, diffCheckpoints, findTensor } from "@tfsaver/checkpoint-tools";
import { makeTensor, type Tensor, toTensor } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { expect, it } from "vitest";
import { save } from "./storages.js";

async function compare(a: Tensor, b: Tensor, options = {}) {
  const storage = new MemoryStorage();
  await save(storage, "a", { x: a });
  await save(storage, "b", { x: b });
  const [before, after] = [await openCheckpoint("a", { storage }), await openCheckpoint("b", { storage })];
  const [one, other] = [await findTensor(before, "x"), await findTensor(after, "x")];
  return compareTensors({ source: before, info: one }, { source: after, info: other }, options);
}

it("counts both tensors over one range, and the differences around 0", async () => {
  const { histogram, differenceHistogram, difference, values } = await compare(
    toTensor([0, 1, 2, 3]),
    toTensor([0, 1, 2, 8]),
    { intervals: 4 },
  );
  expect(histogram).toEqual({
    min: 0,
    max: 8,
    counts: [
      [2, 2, 0, 0],
      [2, 1, 0, 1],
    ],
  });
  expect(differenceHistogram).toEqual({ max: 5, counts: [0, 0, 3, 1] });
  expect(difference).toMatchObject({ min: 0, max: 5, mean: 1.25 });
  expect(values).toMatchObject({ differing: 1, largest: 5 });
});

it("counts each number once in tensors of several pieces, and hands over all differences in order", async () => {
  const count = 3_000_000;
  const a = makeTensor(
    "float32",
    [count],
    Float32Array.from({ length: count }, (_, i) => i % 7),
  );
  const b = makeTensor(
    "float32",
    [count],
    Float32Array.from({ length: count }, (_, i) => (i % 7) + (i % 2)),
  );
  const starts: number[] = [];
  let next = 0;
  const { histogram, difference } = await compare(a, b, {
    onDifferences: (differences: Float64Array, start: number) => {
      expect(start).toBe(next);
      next += differences.length;
      starts.push(start);
      expect([differences[0], differences[1]]).toEqual(start % 2 === 0 ? [0, 1] : [1, 0]);
    },
  });
  expect(next).toBe(count);
  expect(starts.length).toBeGreaterThan(1);
  expect(difference?.mean).toBe(0.5);
  for (const counts of histogram?.counts ?? []) expect(counts.reduce((sum, one) => sum + one, 0)).toBe(count);
});

it("compares the histograms of tensors of different shapes, and nothing by element", async () => {
  const result = await compare(toTensor([1, 2]), toTensor([1, 2, 3]));
  expect(result).toMatchObject({ values: undefined, difference: undefined, histogram: { min: 1, max: 3 } });
  expect(result.statistics?.map(({ elements }) => elements)).toEqual([2, 3]);
});

it("subtracts 64-bit integers before it rounds", async () => {
  const { difference } = await compare(toTensor([2n ** 60n], "int64"), toTensor([2n ** 60n + 1n], "int64"));
  expect(difference).toMatchObject({ min: 1, max: 1 });
});

it("compares strings by element, and counts nothing", async () => {
  const result = await compare(toTensor(["a", "b"]), toTensor(["a", "c"]));
  expect(result).toMatchObject({ values: { differing: 1 }, statistics: undefined, histogram: undefined });
});

it("compares tensors without finite numbers, and without elements", async () => {
  const nan = await compare(toTensor([Number.NaN]), toTensor([Number.POSITIVE_INFINITY]));
  expect(nan).toMatchObject({ histogram: undefined, differenceHistogram: undefined, values: { differing: 1 } });
  const empty = makeTensor("float32", [0], new Float32Array(0));
  expect(await compare(empty, empty)).toMatchObject({ histogram: undefined, values: { differing: 0 } });
});

it("diffCheckpoints reads no tensor without values, and compares open sources", async () => {
  const storage = new MemoryStorage();
  await save(storage, "a", { same: toTensor([1, 2]), shape: toTensor([1]), gone: toTensor([7]) });
  await save(storage, "b", { same: toTensor([1, 3]), shape: toTensor([1, 2]), added: toTensor([7]) });
  const [a, b] = [await openCheckpoint("a", { storage }), await openCheckpoint("b", { storage })];
  const unread = { tensors: a.tensors.bind(a), stream: never, get: never };
  expect(await diffCheckpoints(unread, b, { values: false })).toEqual({
    equal: false,
    added: [{ name: "added", dtype: "float32", shape: [1] }],
    removed: [{ name: "gone", dtype: "float32", shape: [1] }],
    renamed: [],
    changed: [{ name: "shape", dtypes: undefined, shapes: [[1], [2]], values: undefined }],
    unchanged: 1,
  });
  const source = { tensors: a.tensors.bind(a), stream: a.stream.bind(a), get: a.get.bind(a) };
  expect((await diffCheckpoints(source, b)).renamed).toEqual([{ from: "gone", to: "added" }]);
  expect(await diffCheckpoints(source, b, { names: ["same"] })).toMatchObject({ changed: [{ name: "same" }] });
});

function never(): never {
  throw new Error("No tensor may be read");
}
