import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkpointExists, getCheckpointMtimes } from "@tfsaver/checkpoint-files";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { addFiles, storageWith } from "../../../fixtures/storage-files.js";

describe("checkpointExists", () => {
  // Run in TensorFlow 2.21, with the file d/x.meta.
  it.each([
    ["", false],
    ["d", true],
    ["d/", true],
    ["d/x.meta", true],
    ["d/x*", true],
    ["nodir/x", false],
    ["d/x.meta/y", false],
    ["[", false],
  ])("of %j is %s", async (prefix, exists) => {
    expect(await checkpointExists(prefix, { storage: await storageWith(["d/x.meta"]) })).toBe(exists);
  });

  it.each([
    ["V2", "m", ["m.index", "m.data-00000-of-00001"]],
    ["V2 sharded", "m", ["m.index", "m.data-00000-of-00002", "m.data-00001-of-00002"]],
    ["V1", "m", ["m"]],
    ["V1 sharded", "m-?????-of-00002", ["m-00000-of-00002", "m-00001-of-00002"]],
    ["V2 with the name of nothing but an index", "", [".index"]],
    ["V2 with a pattern's characters in its name", "m[1]*", ["m[1]*.index"]],
  ])("finds %s", async (_, prefix, files) => {
    expect(await checkpointExists(prefix, { storage: new MemoryStorage() })).toBe(false);
    expect(await checkpointExists(prefix, { storage: await storageWith(files) })).toBe(true);
  });

  it("does not count data without an index", async () => {
    const storage = await storageWith(["m.data-00000-of-00001", "m.meta"]);
    expect(await checkpointExists("m", { storage })).toBe(false);
  });
});

describe("getCheckpointMtimes", () => {
  it("returns whole seconds, skips missing checkpoints, and prefers an index to the prefix itself", async () => {
    let now = 0;
    const storage = new MemoryStorage({ now: () => now });
    for (const [file, time] of [
      ["a.index", 1000.123],
      ["a", 2000],
      ["b", 3000.999],
      ["s-00001-of-00002", 5000.5],
    ] as const) {
      now = time * 1000;
      await addFiles(storage, [file]);
    }
    expect(await getCheckpointMtimes(["b", "none", "a", "s-?????-of-00002"], { storage })).toEqual([3000, 1000, 5000]);
    expect(await getCheckpointMtimes([], { storage })).toEqual([]);
  });

  it("reads the local file system if no storage is given", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tfsaver-mtimes-"));
    try {
      await writeFile(join(directory, "m.index"), "");
      await utimes(join(directory, "m.index"), 1000.123, 1000.123);
      expect(await getCheckpointMtimes([join(directory, "m")])).toEqual([1000]);
      expect(await checkpointExists(join(directory, "m"))).toBe(true);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
