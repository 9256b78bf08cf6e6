import { removeCheckpoint } from "@tfsaver/checkpoint-files";
import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { averageCheckpoints, diffCheckpoints, exponentialWeights } from "@tfsaver/checkpoint-tools";
import {
  ALL_DTYPES,
  type DType,
  dtypeInfo,
  ResourceExhaustedError,
  type Tensor,
  tensorFromBytes,
  toTensor,
} from "@tfsaver/core";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { FaultyStorage } from "@tfsaver/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { filesIn, putFile } from "../../../fixtures/storage-files.js";
import { randomTensor } from "../../../tools/fuzz/content.js";
import { Random } from "../../../tools/fuzz/random.js";
import { elementReader } from "../src/values/element-reader.js";
import { save } from "./storages.js";

let storage: MemoryStorage;
beforeEach(() => {
  storage = new MemoryStorage();
});

async function read(prefix: string, name: string): Promise<Tensor> {
  const reader = await openCheckpoint(prefix, { storage });
  try {
    return await reader.get(name);
  } finally {
    await reader.close();
  }
}

const numbers = (tensor: Tensor) =>
  Array.from({ length: tensor.shape.reduce((a, b) => a * b, 1) }, (_, i) => elementReader(tensor)(i));

/** Returns all finite values of a dtype of one byte. */
function allValues(dtype: DType): number[] {
  const { bits } = dtypeInfo(dtype);
  const raw = Uint8Array.from({ length: 2 ** bits }, (_, i) => i);
  return (numbers(tensorFromBytes(dtype, [raw.length], raw)) as number[]).filter(Number.isFinite);
}

describe("the average", () => {
  it("is the mean of floating-point tensors, and the newest of all others", async () => {
    for (const [i, prefix] of ["m-1", "m-2", "m-3"].entries()) {
      await save(storage, prefix, {
        w: [i, 10 * i],
        step: toTensor(BigInt(i), "int64"),
        name: toTensor([`n${i}`]),
        mask: toTensor([i === 2]),
      });
    }
    const result = await averageCheckpoints(["m-1", "m-2", "m-3"], "mean", { storage });
    expect(result).toEqual({ prefix: "mean", tensors: 4, shards: 1, averaged: 1 });
    expect(numbers(await read("mean", "w"))).toEqual([1, 10]);
    expect(numbers(await read("mean", "step"))).toEqual([2n]);
    expect(numbers(await read("mean", "mask"))).toEqual([true]);
    expect((await diffCheckpoints("mean", "m-3", { storage, names: ["name", "step"] })).equal).toBe(true);
  });

  it("is weighted, or exponential", async () => {
    await save(storage, "a", { w: [0] });
    await save(storage, "b", { w: [8] });
    await averageCheckpoints(["a", "b"], "weighted", { storage, weights: [3, 1] });
    expect(numbers(await read("weighted", "w"))).toEqual([2]);
    await averageCheckpoints(["a", "b"], "ema", { storage, weights: exponentialWeights(2, 0.75) });
    expect(numbers(await read("ema", "w"))).toEqual([2]);
    expect(exponentialWeights(4, 0.5)).toEqual([0.125, 0.125, 0.25, 0.5]);
    expect(exponentialWeights(3, 0)).toEqual([0, 0, 1]);
  });

  it("of one checkpoint is a copy, and of selected tensors leaves the others as they are in the newest", async () => {
    await save(storage, "a", { "x/w": [0], "y/w": [0] });
    await save(storage, "b", { "x/w": [8], "y/w": [8] });
    await averageCheckpoints(["b"], "copy", { storage });
    expect((await diffCheckpoints("b", "copy", { storage })).equal).toBe(true);
    await averageCheckpoints(["a", "b"], "some", { storage, names: ["x/*"] });
    expect([numbers(await read("some", "x/w")), numbers(await read("some", "y/w"))]).toEqual([[4], [8]]);
  });

  const FLOATS: DType[] = ["float64", "float32", "float16", "bfloat16", "complex64", "complex128"];
  const SMALL: DType[] = ALL_DTYPES.filter((dtype) => /^float[48]/.test(dtype));

  it.each([...FLOATS, ...SMALL])("of %s is the nearest value to the exact one", async (dtype) => {
    const random = new Random(5);
    const [a, b] = [randomTensor(random, dtype, [300]), randomTensor(random, dtype, [300])];
    await save(storage, "a", { w: a });
    await save(storage, "b", { w: b });
    await averageCheckpoints(["a", "b"], "c", { storage });
    const [x, y, z] = [a, b, await read("c", "w")].map((tensor) => numbers(tensor).flat() as number[]);
    const values = SMALL.includes(dtype) ? allValues(dtype) : undefined;
    for (const [i, found] of (z as number[]).entries()) {
      const exact = ((x?.[i] as number) + (y?.[i] as number)) / 2;
      if (!Number.isFinite(exact)) {
        expect(found).toBe(exact);
        continue;
      }
      const best = values?.reduce((least, value) => Math.min(least, Math.abs(value - exact)), Number.POSITIVE_INFINITY);
      expect(Math.abs(found - exact)).toBeLessThanOrEqual((best ?? 2 ** -8 * Math.abs(exact) + 1e-7) * 1.000001);
    }
  });

  it("keeps the slices of the newest, whatever those of the others are, and can be V1 in shards", async () => {
    const whole = toTensor(Array.from({ length: 6 }, (_, i) => [i, i]));
    await save(storage, "a", { w: whole });
    const writer = new BundleWriter("b", { storage });
    for (const [start, length] of [
      [0, 2],
      [2, 4],
    ] as const) {
      const rows = toTensor(Array.from({ length }, (_, i) => [i + start + 2, 0]));
      await writer.addSlice("w", { shape: [6, 2], slice: [{ start, length }, "full"] }, rows);
    }
    await writer.finish();
    await averageCheckpoints(["a", "b"], "c", { storage });
    const reader = await openCheckpoint("c", { storage });
    expect((await reader.info("w"))?.slices).toHaveLength(2);
    await reader.close();
    expect(numbers(await read("c", "w"))).toEqual(Array.from({ length: 6 }, (_, i) => [i + 1, i / 2]).flat());
    const { prefix } = await averageCheckpoints(["a", "b"], "v1", { storage, format: "V1", shards: 2 });
    expect((await diffCheckpoints("c", prefix, { storage })).equal).toBe(true);
  });
});

describe("what can't be averaged", () => {
  const failing = (sources: string[], destination: string, options = {}) =>
    rejection(averageCheckpoints(sources, destination, { storage, ...options }));

  beforeEach(async () => {
    await storage.createDirectory("run");
    await save(storage, "run/a", { w: [1, 2], v: [1] });
    await save(storage, "run/b", { w: [3, 4], v: [3] });
    await save(storage, "run/other", { w: [3, 4, 5], u: [1] });
  });

  it.each([
    ["a destination that is a source", ["run/a", "run/b"], "run/./b", {}, "run/./b is one of the checkpoints"],
    ["a destination that exists", ["run/a", "run/b"], "run/other", {}, "exists already"],
    ["no source", [], "run/c", {}, "nothing to average"],
    ["a missing source", ["run/a", "run/none"], "run/c", {}, "run/none"],
    [
      "tensors that a source lacks or has otherwise",
      ["run/other", "run/a"],
      "run/c",
      {},
      /it lacks v, its w is float32 \[3\], not float32 \[2\]/,
    ],
    ["an unknown name", ["run/a", "run/b"], "run/c", { names: ["ww"] }, "ww not found"],
    ["a pattern that selects nothing", ["run/a", "run/b"], "run/c", { names: ["x*"] }, "matches 'x*'"],
    ["weights of another number", ["run/a", "run/b"], "run/c", { weights: [1] }, "1 weights for 2"],
    ["a negative weight", ["run/a", "run/b"], "run/c", { weights: [1, -1] }, "not -1"],
    ["weights of 0", ["run/a", "run/b"], "run/c", { weights: [0, 0] }, "All weights are 0"],
    ["a folder that does not exist", ["run/a", "run/b"], "no/such/c", {}, "no/such"],
  ] as const)("%s changes nothing", async (_, sources, destination, options, message) => {
    const before = await filesIn(storage, "run");
    for (const dryRun of [true, false]) {
      const error = await failing([...sources], destination, { ...options, dryRun });
      expect(error.message).toMatch(message);
      expect(await filesIn(storage, "run")).toEqual(before);
    }
  });

  it("a damaged source leaves nothing", async () => {
    const path = "run/a.data-00000-of-00001";
    const bytes = await readFile(storage, path);
    await putFile(
      storage,
      path,
      bytes.map((byte, i) => (i === 2 ? byte ^ 1 : byte)),
    );
    const before = await filesIn(storage, "run");
    expect(await failing(["run/a", "run/b"], "run/c")).toMatchObject({ kind: "DataLossError" });
    expect(await filesIn(storage, "run")).toEqual(before);
  });

  it("a dry run writes nothing", async () => {
    const before = await filesIn(storage, "run");
    const result = await averageCheckpoints(["run/a", "run/b"], "run/c", { storage, dryRun: true });
    expect(result).toEqual({ prefix: "run/c", tensors: 2, shards: 1, averaged: 2 });
    expect(await filesIn(storage, "run")).toEqual(before);
  });

  it("a full disk at any operation, or a cancel, leaves nothing", async () => {
    const before = await filesIn(storage, "run");
    for (let fail = 1; ; fail++) {
      const error = new ResourceExhaustedError("no space left");
      const writes = new Set(["create", "write", "sync", "close", "rename"]);
      let count = 0;
      const full = new FaultyStorage(storage, {
        fail: ({ kind, path }) => writes.has(kind) && path.startsWith("run/c") && ++count === fail,
        error,
      });
      const done = await averageCheckpoints(["run/a", "run/b"], "run/c", { storage: full }).catch((problem) => problem);
      if (full.faults === 0) break;
      if (done instanceof Error) {
        expect(await filesIn(storage, "run"), `operation ${fail}`).toEqual(before);
        continue;
      }
      // What failed was not needed: the lock.
      await removeCheckpoint("run/c", { storage });
    }
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const start = await filesIn(storage, "run");
    const cancelled = await failing(["run/a", "run/b"], "run/e", { signal: controller.signal, onProgress });
    expect(cancelled).toMatchObject({ kind: "CancelledError" });
    expect(await filesIn(storage, "run")).toEqual(start);
  });
});
