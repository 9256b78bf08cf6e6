import { makeTensor, type NumericData, type Tensor } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, test } from "vitest";
import { BundleReader, BundleWriter } from "../src/index.js";

/** Just above the size of entries that share memory. */
const LONG = 2000;

const filled = (value: number) => makeTensor("float32", [LONG], new Float32Array(LONG).fill(value));
const bufferOf = ({ data }: Tensor) => (data as NumericData).buffer;

async function written(names: readonly string[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("m", { storage });
  for (const [i, name] of names.entries()) await writer.add(name, filled(i));
  await writer.add("short", makeTensor("float32", [2], Float32Array.of(1, 2)));
  await writer.finish();
  return storage;
}

/** An `allocate` that returns used memory, and remembers it. */
function recording() {
  const allocated: ArrayBuffer[] = [];
  const allocate = (bytes: number) => {
    const memory = new Uint8Array(bytes).fill(0xee).buffer;
    allocated.push(memory);
    return memory;
  };
  return { allocated, allocate };
}

describe("allocate", () => {
  test("provides the memory of tensors that are not short, with any content", async () => {
    const storage = await written(["a", "b"]);
    const reader = await BundleReader.open("m", { storage });
    const { allocated, allocate } = recording();
    const tensors = await reader.getAll(
      ["a", "b", "short"].map((name) => ({ name })),
      { allocate },
    );
    expect(tensors.slice(0, 2).map(bufferOf)).toEqual(allocated);
    expect(tensors.slice(0, 2).map(({ data }) => new Set(data as Float32Array))).toEqual([new Set([0]), new Set([1])]);
    expect(tensors[2]?.data).toEqual(Float32Array.of(1, 2));
    expect(allocated).toHaveLength(2);
    await reader.close();
  });

  test("is asked only once the files are known to be long enough", async () => {
    const storage = await written(["a", "b"]);
    const { size } = await storage.open("m.data-00000-of-00001");
    const bytes = new Uint8Array(size - 8 - LONG);
    await (await storage.open("m.data-00000-of-00001")).readInto(0, [bytes]);
    const file = await storage.create("m.data-00000-of-00001");
    await file.write([bytes]);
    await file.close();
    const reader = await BundleReader.open("m", { storage });
    const { allocated, allocate } = recording();
    await expect(reader.get("b", undefined, { allocate })).rejects.toMatchObject({ kind: "DataLossError" });
    expect(allocated).toHaveLength(0);
    await reader.close();
  });
});
