import { CancelledError, fullSlice, makeTensor, type Tensor, toTensor } from "@tfsaver/core";
import { crc32c, maskCrc } from "@tfsaver/core/coding";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { BundleReader, BundleSeries, BundleWriter, type NewTensorKey } from "@tfsaver/tensor-bundle";
import { FaultyStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";

const rows = (start: number) => ({ shape: [4, 2], slice: [{ start, length: 2 }, "full"] as const });

/** Names that are not sorted, and a tensor in two slices. */
const keys: readonly NewTensorKey[] = [
  { name: "weights/b" },
  { name: "weights/a", part: { shape: [3], slice: fullSlice(1) } },
  { name: "table", part: rows(2) },
  { name: "step" },
  { name: "table", part: rows(0) },
];

const floats = (shape: readonly number[], value: number) =>
  makeTensor("float32", shape, new Float32Array(shape.reduce((product, dim) => product * dim, 1)).fill(value));

/** Makes values for all keys, which differ by `number`. */
const valuesOf = (number: number): Tensor[] => [
  floats([40, 50], number),
  toTensor([number, 2, 3]),
  floats([2, 2], number + 0.25),
  makeTensor("int64", [], BigInt64Array.of(BigInt(number) << 40n)),
  floats([2, 2], number + 0.5),
];

/** Writes the same tensors with a `BundleWriter`, and expects the same files. */
async function expectSameFiles(storage: MemoryStorage, prefix: string, tensors: readonly Tensor[]): Promise<void> {
  const writer = new BundleWriter("usual", { storage });
  await writer.addAll(keys.map((key, i) => ({ ...key, tensor: tensors[i] as Tensor })));
  await writer.finish();
  for (const end of [".index", ".data-00000-of-00001"]) {
    expect(await readFile(storage, prefix + end)).toEqual(await readFile(storage, `usual${end}`));
  }
}

describe("a series of bundles", () => {
  it("writes the same files as a BundleWriter", async () => {
    const storage = new MemoryStorage();
    const series = new BundleSeries(keys);
    for (const number of [1, 2, 3]) {
      await series.write(`model-${number}`, valuesOf(number), { storage });
      await expectSameFiles(storage, `model-${number}`, valuesOf(number));
    }
  });

  it("continues when dtypes, shapes or the lengths of strings change", async () => {
    const storage = new MemoryStorage();
    const series = new BundleSeries(keys);
    const variants = [
      floats([50, 40], 3),
      floats([7], 4),
      toTensor(["a", "bc"]),
      toTensor(["abc", ""]),
      floats([7], 5),
    ];
    for (const first of [floats([40, 50], 1), ...variants, makeTensor("int32", [7], new Int32Array(7))]) {
      const tensors = [first, ...valuesOf(9).slice(1)];
      await series.write("model", tensors, { storage });
      await expectSameFiles(storage, "model", tensors);
    }
  });

  it("continues after a checksum of zero, which an index omits", async () => {
    const bytes = Uint8Array.of(69, 163, 231, 31);
    expect(maskCrc(crc32c(bytes))).toBe(0);
    const storage = new MemoryStorage();
    const series = new BundleSeries(keys);
    const small = [makeTensor("uint8", [4], bytes), makeTensor("uint8", [4], new Uint8Array(4))];
    for (const index of [1, 0, 0, 1, 1]) {
      const tensors = [small[index] as Tensor, ...valuesOf(5).slice(1)];
      await series.write("model", tensors, { storage });
      await expectSameFiles(storage, "model", tensors);
    }
    expect((await storage.list("")).map(({ name }) => name).filter((name) => name.includes("temp"))).toEqual([]);
  });

  it("may write several at once", async () => {
    const storage = new MemoryStorage();
    const series = new BundleSeries(keys);
    await series.write("model", valuesOf(0), { storage });
    const numbers = [1, 2, 3, 4];
    await Promise.all(numbers.map((number) => series.write(`model-${number}`, valuesOf(number), { storage })));
    for (const number of numbers) await expectSameFiles(storage, `model-${number}`, valuesOf(number));
  });

  it("leaves no files of a bundle that failed, and continues", async () => {
    const inner = new MemoryStorage();
    const series = new BundleSeries(keys);
    const writeWhole = () => series.write("model-0", valuesOf(0), { storage: inner });
    const namesOf = async (start: string) => (await inner.list("")).filter(({ name }) => name.startsWith(start));
    const remove = async () => {
      for (const { name } of await namesOf("model-1")) await inner.remove(name);
    };
    await writeWhole();
    const counting = new FaultyStorage(inner);
    await series.write("model-1", valuesOf(1), { storage: counting });
    await remove();
    for (let n = 1; n <= counting.operations; n++) {
      await writeWhole();
      const storage = new FaultyStorage(inner, { fail: n });
      await expect(series.write("model-1", valuesOf(1), { storage })).rejects.toThrow("Injected fault");
      // After the last rename, only flushing the folder can fail.
      if (n < counting.operations) expect(await namesOf("model-1")).toEqual([]);
      await remove();
    }
    await writeWhole();
    const aborted = series.write("model-1", valuesOf(1), { storage: inner, signal: AbortSignal.abort() });
    await expect(aborted).rejects.toThrow(CancelledError);
    expect(await namesOf("model-1")).toEqual([]);
    await series.write("model-1", valuesOf(1), { storage: inner });
    await expectSameFiles(inner, "model-1", valuesOf(1));
  });

  it("reports its progress", async () => {
    const storage = new MemoryStorage();
    const series = new BundleSeries(keys);
    const runs: unknown[][] = [[], []];
    for (const told of runs) {
      await series.write("model", valuesOf(1), { storage, onProgress: (progress) => told.push({ ...progress }) });
    }
    const names = keys.map(({ name }) => name);
    const done = [8000, 8012, 8028, 8036, 8052];
    expect(runs[0]).toEqual(names.map((tensor, i) => ({ tensor, done: done[i], total: 8052 })));
    expect(runs[1]).toEqual(runs[0]);
  });

  it("refuses the same keys and tensors as a BundleWriter, and a wrong number of tensors", async () => {
    const storage = new MemoryStorage();
    const write = (names: readonly string[], tensors: readonly Tensor[]) =>
      new BundleSeries(names.map((name) => ({ name }))).write("model", tensors, { storage });
    await expect(write(["a", "a"], [toTensor(1), toTensor(2)])).rejects.toThrow("Adding duplicate key: a");
    await expect(write(["a"], [])).rejects.toThrow("Expected a tensor for each of 1 keys but got 0");
    expect(await storage.list("")).toEqual([]);
  });
});

it("a bundle of a series is read like any other bundle", async () => {
  const storage = new MemoryStorage();
  const series = new BundleSeries(keys);
  for (const number of [1, 2]) await series.write("model", valuesOf(number), { storage });
  const reader = await BundleReader.open("model", { storage });
  expect(await reader.get("step")).toEqual(valuesOf(2)[3]);
  expect((await reader.get("table")).data).toEqual(Float32Array.of(2.5, 2.5, 2.5, 2.5, 2.25, 2.25, 2.25, 2.25));
  await reader.close();
});
