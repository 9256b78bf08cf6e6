import { fullSlice, toTensor } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleSeries, BundleWriter } from "@tfsaver/tensor-bundle";
import { describe, expect, it } from "vitest";
import { lyingTensors } from "../../../fixtures/lying-tensors.js";
import { rejection } from "../../../fixtures/rejection.js";
import { filesIn } from "../../../fixtures/storage-files.js";

describe.each(lyingTensors)("$what", ({ value, message }) => {
  it("is refused by every way to write it, before anything is written", async () => {
    const storage = new MemoryStorage();
    const good = { name: "a", tensor: toTensor([1, 2]) };
    const part = { shape: [8], slice: fullSlice(1) };
    for (const write of [
      (writer: BundleWriter) => writer.add("w", value),
      (writer: BundleWriter) => writer.addSlice("w", part, value),
      (writer: BundleWriter) => writer.addAll([good, { name: "w", tensor: value }]),
    ]) {
      const writer = new BundleWriter("m", { storage });
      const error = await rejection(write(writer));
      expect(error).toMatchObject({ kind: "InvalidArgumentError", tensor: "w" });
      expect(error.message).toContain(message);
      expect(writer.size).toBe(0);
      await writer.discard();
    }
    expect(await filesIn(storage)).toEqual([]);
  });

  it("is refused by a series, for its first bundle and for later ones", async () => {
    const storage = new MemoryStorage();
    const series = new BundleSeries([{ name: "w" }]);
    expect(await rejection(series.write("m-1", [value], { storage }))).toMatchObject({ kind: "InvalidArgumentError" });
    await series.write("m-2", [toTensor([1])], { storage });
    const error = await rejection(series.write("m-3", [value], { storage }));
    expect(error).toMatchObject({ kind: "InvalidArgumentError", tensor: "w" });
    expect(await filesIn(storage)).toEqual(["m-2.data-00000-of-00001", "m-2.index"]);
  });
});

it("a value of the same size in another array does not fit the template of a series", async () => {
  const storage = new MemoryStorage();
  const series = new BundleSeries([{ name: "w" }]);
  await series.write("m-1", [toTensor([1, 2])], { storage });
  const lie = { dtype: "float32", shape: [2], data: new Int32Array(2) } as const;
  expect(await rejection(series.write("m-2", [lie], { storage }))).toMatchObject({ kind: "InvalidArgumentError" });
});
