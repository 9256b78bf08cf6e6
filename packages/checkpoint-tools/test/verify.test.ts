import { convertCheckpoint, verifyCheckpoint } from "@tfsaver/checkpoint-tools";
import { toTensor } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { describe, expect, it } from "vitest";
import { goldenCheckpoints, goldensFolder } from "../../../fixtures/goldens.js";
import { whole } from "./whole.js";

const corrupt = (prefix: string) => `${goldensFolder}corrupt/${prefix}`;

describe("verifyCheckpoint", () => {
  it("finds no problem in checkpoints of TensorFlow", async () => {
    for (const { path, tensors } of whole) {
      expect(await verifyCheckpoint(path)).toMatchObject({
        prefix: path,
        good: true,
        problems: [],
        tensors: Object.keys(tensors).length,
      });
    }
  });

  // The records of intact checkpoints have errors too, of missing keys.
  const damaged = goldenCheckpoints("corrupt").filter(
    ({ errors, note = "", prefix }) => errors !== undefined && prefix !== "index-missing" && !note.includes("accepted"),
  );

  it.each(damaged)("finds the damage of $prefix ($note) and names its file", async ({ path }) => {
    const { good, problems } = await verifyCheckpoint(path);
    expect(good).toBe(false);
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems)
      expect(problem.path).toMatch(new RegExp(`^${path}(\\.(index|data-\\d{5}-of-\\d{5}))?$`));
  });

  it("reports tensor and offset of all damage", async () => {
    const { problems, tensors } = await verifyCheckpoint(corrupt("data-flip-float"));
    expect(problems).toMatchObject([
      { path: corrupt("data-flip-float.data-00000-of-00001"), offset: 0, tensors: ["alpha"] },
    ]);
    expect(tensors).toBeGreaterThan(0);
  });

  it("finds a damaged block of the index that no read needs", async () => {
    const { problems } = await verifyCheckpoint(corrupt("index-flip-metaindex-block"));
    expect(problems).toMatchObject([{ path: corrupt("index-flip-metaindex-block.index"), offset: expect.any(Number) }]);
  });

  it("reports a missing data file", async () => {
    const { problems } = await verifyCheckpoint(corrupt("shard-missing"));
    expect(problems[0]?.path).toBe(corrupt("shard-missing.data-00000-of-00001"));
  });

  it.each(["data-empty", "data-truncated"])("reports the truncated file of %s", async (prefix) => {
    const { problems } = await verifyCheckpoint(corrupt(prefix));
    expect(problems).not.toHaveLength(0);
    for (const { message } of problems) expect(message).toMatch(/it may be truncated/);
  });

  it("reports every missing shard of a V1 checkpoint", async () => {
    const storage = new MemoryStorage();
    const writer = new BundleWriter("new", { storage });
    for (const name of ["a", "b", "c", "d"]) await writer.add(name, toTensor([1, 2]));
    await writer.finish();
    const made = await convertCheckpoint("new", "old", { storage, format: "V1", shards: 4 });
    expect((await verifyCheckpoint(made.prefix, { storage })).good).toBe(true);
    await storage.remove("old-00001-of-00004");
    await storage.remove("old-00003-of-00004");
    const { good, problems } = await verifyCheckpoint(made.prefix, { storage });
    expect(good).toBe(false);
    expect(problems.map(({ path }) => path)).toEqual(["old-00001-of-00004", "old-00003-of-00004"]);
  });

  it("throws if the checkpoint does not exist", async () => {
    await expect(verifyCheckpoint(corrupt("nothing"))).rejects.toMatchObject({ kind: "NotFoundError" });
  });
});
