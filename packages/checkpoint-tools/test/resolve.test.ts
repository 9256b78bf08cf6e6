import { resolveCheckpoint } from "@tfsaver/checkpoint-tools";
import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
import { beforeEach, describe, expect, it } from "vitest";

let storage: MemoryStorage;
let warnings: string[];

async function write(path: string, text = ""): Promise<void> {
  await writeFileAtomically(storage, path, new TextEncoder().encode(text));
}

async function writeCheckpoint(prefix: string): Promise<void> {
  for (const ending of [".index", ".data-00000-of-00002", ".data-00001-of-00002", ".meta"])
    await write(prefix + ending);
}

const resolve = (path: string) => resolveCheckpoint(path, { storage, onWarning: (message) => warnings.push(message) });

beforeEach(async () => {
  storage = new MemoryStorage();
  warnings = [];
  await storage.createDirectory("/run");
});

describe("resolveCheckpoint", () => {
  it.each(["", ".index", ".data-00000-of-00002", ".data-00001-of-00002", ".meta"])(
    "takes the prefix and its files: '%s'",
    async (ending) => {
      await writeCheckpoint("/run/model-7");
      expect(await resolve(`/run/model-7${ending}`)).toBe("/run/model-7");
    },
  );

  it.each(["/run", "/run/", "/run/checkpoint"])("resolves %s to the latest checkpoint", async (path) => {
    await writeCheckpoint("/run/model-6");
    await writeCheckpoint("/run/model-7");
    await write("/run/checkpoint", 'model_checkpoint_path: "model-6"\nall_model_checkpoint_paths: "model-7"\n');
    expect(await resolve(path)).toBe("/run/model-6");
    expect(warnings).toEqual([]);
  });

  it("prefers a prefix of exactly this name to other meanings", async () => {
    for (const prefix of ["/run/model", "/run/model.index", "/run/model.meta", "/run/checkpoint"]) {
      await writeCheckpoint(prefix);
      expect(await resolve(prefix)).toBe(prefix);
    }
  });

  it("prefers a prefix to a folder of the same name", async () => {
    await storage.createDirectory("/run/model");
    await writeCheckpoint("/run/model");
    expect(await resolve("/run/model")).toBe("/run/model");
  });

  it("takes any other file for a V1 checkpoint", async () => {
    await write("/run/model.ckpt");
    await write("/run/model.ckpt.meta");
    expect(await resolve("/run/model.ckpt")).toBe("/run/model.ckpt");
    expect(await resolve("/run/model.ckpt.meta")).toBe("/run/model.ckpt");
  });

  it("resolves any shard of a V1 checkpoint, and their common prefix, to all shards", async () => {
    for (const shard of [0, 1]) await write(`/run/model-7-0000${shard}-of-00002`);
    await write("/run/model-7.meta");
    for (const path of ["-00001-of-00002", "-?????-of-00002", "", ".meta"]) {
      expect(await resolve(`/run/model-7${path}`)).toBe("/run/model-7-?????-of-00002");
    }
    await write("/run/checkpoint", 'model_checkpoint_path: "model-7-?????-of-00002"\n');
    expect(await resolve("/run")).toBe("/run/model-7-?????-of-00002");
    await write("/run/odd[1]-00000-of-00001");
    expect(await resolve("/run/odd[1]")).toBe("/run/odd\\[1\\]-?????-of-00001");
  });

  it("does not take a folder for a checkpoint of that name", async () => {
    await storage.createDirectory("/run/model");
    await write("/run/model.meta");
    await expect(resolve("/run/model.meta")).rejects.toMatchObject({ kind: "NotFoundError" });
  });

  it("finds the checkpoint of a moved folder", async () => {
    await writeCheckpoint("/run/model-7");
    await write("/run/checkpoint", 'model_checkpoint_path: "/old/place/model-7"\n');
    expect(await resolve("/run")).toBe("/run/model-7");
    expect(warnings).toEqual(["/run/checkpoint names /old/place/model-7, which does not exist; using /run/model-7"]);
  });

  it("resolves a folder without a state file to its only checkpoint", async () => {
    await writeCheckpoint("/run/variables");
    expect(await resolve("/run")).toBe("/run/variables");
  });

  it.each([
    ["", "the path is empty"],
    ["/run/model", "there is no /run/model.index, nor /run/model"],
    ["/run/gone.index", "there is no /run/gone.index.index, nor /run/gone.index, nor /run/gone"],
    ["/run/half.meta", "there is no /run/half.meta.index, nor /run/half.index, nor /run/half"],
    ["/run", "there is no usable /run/checkpoint file, nor any .index file"],
    ["/nowhere", "there is no /nowhere.index, nor /nowhere"],
    ["/nowhere/checkpoint", "there is no /nowhere/checkpoint.index"],
    [".index", "there is no .index.index, nor .index"],
  ])("reports what it searched for: %s", async (path, message) => {
    await write("/run/half.meta");
    await expect(resolve(path)).rejects.toMatchObject({
      kind: "NotFoundError",
      message: expect.stringContaining(message),
    });
  });

  it("does not choose among several checkpoints", async () => {
    await writeCheckpoint("/run/a");
    await writeCheckpoint("/run/b");
    await expect(resolve("/run")).rejects.toThrow("has several checkpoints: /run/a, /run/b");
  });

  it("reports a state file that names a missing checkpoint", async () => {
    await writeCheckpoint("/run/model-6");
    await write("/run/checkpoint", 'model_checkpoint_path: "model-7"\n');
    await expect(resolve("/run")).rejects.toThrow("/run/checkpoint names /run/model-7, but there is no");
  });
});
