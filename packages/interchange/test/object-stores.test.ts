import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { toTensor } from "@tfsaver/core";
import { writeNpz } from "@tfsaver/interchange/npz";
import { writeSafetensors } from "@tfsaver/interchange/safetensors";
import { writeTfjsWeights } from "@tfsaver/interchange/tfjs-weights";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { describe, expect, it } from "vitest";
import { LimitedStorage } from "../../../fixtures/limited-storage.js";

const BYTES = 1 << 20;

const FORMATS = [
  ["safetensors", "m.safetensors", writeSafetensors],
  ["npz", "m.npz", writeNpz],
  ["TensorFlow.js", "model.json", writeTfjsWeights],
] as const;

async function start() {
  const storage = new LimitedStorage();
  const writer = new BundleWriter("m", { storage });
  for (const name of ["a", "b"]) await writer.add(name, toTensor(new Float32Array(BYTES / 8)));
  await writer.finish();
  storage.written = 0;
  return storage;
}

describe.each(FORMATS)("%s, written to an object store", (_, name, write) => {
  it("tells the storage the size of a file before a byte is sent", async () => {
    const storage = await start();
    await using reader = await openCheckpoint("m", { storage });
    storage.limit = BYTES - 1;
    const writing = write(reader, name, { storage, ...(name === "model.json" && { shards: 1 }) });
    await expect(writing).rejects.toMatchObject({ kind: "ResourceExhaustedError" });
    expect(storage.written).toBe(0);
    expect((await storage.list("/")).map((entry) => entry.name).sort()).toEqual(["m.data-00000-of-00001", "m.index"]);
  });

  it("needs no folder, which is only a part of the name", async () => {
    const storage = await start();
    await using reader = await openCheckpoint("m", { storage });
    await write(reader, `new/folder/${name}`, { storage });
    expect((await storage.stat(`new/folder/${name}`))?.kind).toBe("file");
  });
});

it("the last file of weights of TensorFlow.js is expected to be as small as it is", async () => {
  const storage = await start();
  const expected: unknown[] = [];
  const create = storage.create.bind(storage);
  storage.create = (path, options) => {
    expected.push(options?.expectedBytes);
    return create(path, options);
  };
  await using reader = await openCheckpoint("m", { storage });
  const { files } = await writeTfjsWeights(reader, "model.json", { storage, shards: 3 });
  const sizes = await Promise.all(files.slice(0, -1).map(async (file) => (await storage.stat(file))?.size));
  expect(expected.slice(0, -1)).toEqual(sizes);
});
