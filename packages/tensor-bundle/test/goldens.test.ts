import { MemoryStorage, readFile } from "@tfsaver/storage";
import { NodeStorage } from "@tfsaver/storage/node";
import { BundleReader, BundleWriter, dataFilename, indexFilename, verifyBundle } from "@tfsaver/tensor-bundle";
import { describe, expect, it } from "vitest";
import { expectedForm, goldenCheckpoints } from "../../../fixtures/goldens.js";

const local = new NodeStorage();

const inScope = goldenCheckpoints()
  .filter(({ format, prefix }) => format === "V2" && !/^variant$|^snappy/.test(prefix))
  .filter(({ tensors }) => Object.values(tensors).every(({ slices }) => slices === undefined));

describe.each(inScope)("golden $folder/$prefix", ({ path, tensors }) => {
  it("reads to the values TensorFlow reads", async () => {
    const reader = await BundleReader.open(path);
    const found: Record<string, unknown> = {};
    for await (const entry of reader.entries()) found[entry.name] = expectedForm(await reader.read(entry));
    await reader.close();
    expect(found).toEqual(tensors);
  });

  it("verifies as whole", async () => {
    const report = await verifyBundle(path);
    expect(report).toMatchObject({ problems: [], tensors: Object.keys(tensors).length });
  });
});

const rewritable = inScope.filter(
  ({ files, hand_made }) => !hand_made && files.filter(({ name }) => name.includes(".data-")).length === 1,
);

describe.each(rewritable)("golden $folder/$prefix", ({ path }) => {
  it("is written again byte for byte", async () => {
    const reader = await BundleReader.open(path);
    const entries = [];
    for await (const entry of reader.entries()) entries.push(entry);
    // TensorFlow lays tensors down in the order of the call; those without bytes lie where the next one starts.
    entries.sort((a, b) => a.offset - b.offset || a.size - b.size);
    const memory = new MemoryStorage();
    const writer = new BundleWriter("again", { storage: memory });
    for (const entry of entries) await writer.add(entry.name, await reader.read(entry));
    await writer.finish();
    await reader.close();
    for (const file of [indexFilename, (prefix: string) => dataFilename(prefix, 0, 1)]) {
      const [ours, theirs] = [await readFile(memory, file("again")), await readFile(local, file(path))];
      expect(Buffer.compare(ours, theirs), file(path)).toBe(0);
    }
    const names = (await memory.list(".")).map((entry) => entry.name).sort();
    expect(names).toEqual(["again.data-00000-of-00001", "again.index"]);
  });
});
