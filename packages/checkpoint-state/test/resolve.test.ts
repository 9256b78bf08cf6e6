import { resolveCheckpoint } from "@tfsaver/checkpoint-state";
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
    expect(warnings).toEqual(["/old/place/model-7 is gone; /run/model-7 is used instead"]);
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

  it("takes the only checkpoint of a folder whose state file can't be used, with a warning", async () => {
    await writeCheckpoint("/run/model-6");
    for (const content of ["", "model_check", "version https://git-lfs.github.com/spec/v1\n", "# nothing"]) {
      warnings = [];
      await write("/run/checkpoint", content);
      expect([content, await resolve("/run")]).toEqual([content, "/run/model-6"]);
      expect(warnings.join()).toContain("/run/checkpoint");
    }
  });

  it("names the checkpoints that a folder has instead of the missing one", async () => {
    await writeCheckpoint("/run/model-6");
    await write("/run/checkpoint", 'model_checkpoint_path: "model-7"\n');
    await expect(resolve("/run")).rejects.toThrow(
      /there is no \/run\/model-7\.index\. The folder has \/run\/model-6: pass/,
    );
  });

  it.each(["/run", "/run/", "/run/saved_model.pb", "/run/variables"])(
    "resolves %s to a SavedModel's checkpoint",
    async (path) => {
      await storage.createDirectory("/run/variables");
      await write("/run/saved_model.pb", "\b\u0001");
      await writeCheckpoint("/run/variables/variables");
      expect(await resolve(path)).toBe("/run/variables/variables");
    },
  );

  it("takes a state file of any name, also after its folder was moved", async () => {
    for (const step of [1, 2]) await writeCheckpoint(`/run/best_dev-${step}`);
    await write("/run/best_dev_checkpoint", '# ours\nmodel_checkpoint_path: "/mnt/old/best_dev-2"\n');
    await write("/run/other", 'last_preserved_timestamp: 1 model_checkpoint_path: "best_dev-1"\n');
    expect(await resolve("/run/best_dev_checkpoint")).toBe("/run/best_dev-2");
    expect(warnings).toEqual(["/mnt/old/best_dev-2 is gone; /run/best_dev-2 is used instead"]);
    expect(await resolve("/run/other")).toBe("/run/best_dev-1");
  });

  it("takes text that is no state file for none", async () => {
    await writeCheckpoint("/run/m");
    await write("/run/notes", "see model_checkpoint_path");
    expect(await resolve("/run/notes")).toBe("/run/notes");
  });

  it.each(["/run/", "/run/.index", "/run/.data-00000-of-00002", "/run/.meta"])(
    "finds the checkpoint whose prefix has an empty last part by %s",
    async (path) => {
      await writeCheckpoint("/run/");
      await writeCheckpoint("/run/model-7");
      await write("/run/checkpoint", 'model_checkpoint_path: "model-7"\n');
      expect(await resolve(path)).toBe("/run/");
      expect(await resolve("/run")).toBe("/run/model-7");
    },
  );

  it("finds a checkpoint without any name in the working folder", async () => {
    await writeCheckpoint("");
    expect(await resolve(".index")).toBe("./");
  });

  it.each(["/run/checkpoint", "/run/checkpoint.index", "/run/checkpoint.meta"])(
    "finds the checkpoint of the prefix `checkpoint` by %s",
    async (path) => {
      await writeCheckpoint("/run/checkpoint");
      await write("/run/checkpoint", 'model_checkpoint_path: "checkpoint"\n');
      expect(await resolve(path)).toBe("/run/checkpoint");
      expect(await resolve("/run")).toBe("/run/checkpoint");
    },
  );

  it("finds a checkpoint that is the only one of a folder, whatever its name", async () => {
    for (const prefix of ["/run/", "/run/checkpoint"]) {
      await storage.createDirectory("/run");
      await writeCheckpoint(prefix);
      expect(await resolve("/run")).toBe(prefix);
      for (const { name } of await storage.list("/run")) await storage.remove(`/run/${name}`);
    }
  });

  it.each([
    "D:\\\\work\\\\run1\\\\model-7",
    "\\\\\\\\server\\\\share\\\\model-7",
    "run1\\\\model-7",
    "D:/work/model-7",
    "gs://b/model-7",
  ])("finds the checkpoint of a folder that was moved here from another system: %s", async (path) => {
    await writeCheckpoint("/run/model-7");
    await write("/run/checkpoint", `model_checkpoint_path: "${path}"`);
    expect(await resolve("/run")).toBe("/run/model-7");
    expect(await resolve("/run/checkpoint")).toBe("/run/model-7");
  });
});
