import { tensorFromBytes, toTensor } from "@tfsaver/core";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { BundleWriter, checkBundle } from "@tfsaver/tensor-bundle";
import { expect, it } from "vitest";
import { goldenCheckpoints } from "../../../fixtures/goldens.js";
import { rejection } from "../../../fixtures/rejection.js";
import { putFile } from "../../../fixtures/storage-files.js";

const goldens = goldenCheckpoints().filter(({ format }) => format === "V2");

it.each(goldens)("accepts $folder/$prefix, which TensorFlow wrote", ({ path }) => checkBundle(path));

const DATA = "m.data-00000-of-00001";

it.each([
  ["of 300 tensors", 300],
  ["of a partitioned tensor", 0],
])("a data file that is too short for an index %s is found, and the tensor named", async (_, count) => {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("m", { storage });
  for (let i = 0; i < count; i++) await writer.add(`w${i}`, tensorFromBytes("uint8", [i], new Uint8Array(i)));
  const [left, right] = [0, 2].map((start) => ({ shape: [4], slice: [{ start, length: 2 }] }));
  await writer.addSlice("v", left as never, toTensor([1, 2]));
  await writer.addSlice("v", right as never, toTensor([3, 4]));
  await writer.finish();
  await checkBundle("m", { storage });
  const bytes = await readFile(storage, DATA);
  await putFile(storage, DATA, bytes.subarray(0, bytes.length - 1));
  const error = await rejection(checkBundle("m", { storage }));
  expect(error).toMatchObject({ kind: "DataLossError", path: DATA });
  expect(error.message).toContain("tensor v ");
});

it("empty tensors need no data file", async () => {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("m", { storage });
  await writer.add("empty", toTensor(new Float32Array(0)));
  await writer.finish();
  await storage.remove(DATA);
  await checkBundle("m", { storage });
});
