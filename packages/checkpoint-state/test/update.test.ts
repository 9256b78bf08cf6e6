import { generateCheckpointStateProto, getCheckpointState, updateCheckpointState } from "@tfsaver/checkpoint-state";
import { MemoryStorage } from "@tfsaver/storage";
import { NodeStorage } from "@tfsaver/storage/node";
import { FaultyStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { filesIn, storageWith, textOf } from "../../../fixtures/storage-files.js";

describe("generateCheckpointStateProto", () => {
  // Part 7.2 of the behaviour page, and (the last ones) a run of TensorFlow 2.21.
  it.each([
    ["/d", "/d/m-1", "/d/m-1"],
    ["/d", "m-1", "m-1"],
    ["sub", "sub/m", "m"],
    ["sub", "other/m", "../other/m"],
    ["sub", "/abs/k", "/abs/k"],
    ["", "k/m-1", "k/m-1"],
    ["", "k", "k"],
    ["d", "k", "../k"],
    ["file:///d", "file:///d/m", "m"],
    ["gs://b/d", "gs://b/e/m", "../e/m"],
  ])("in %j stores %j as %j", (saveDir, path, stored) => {
    const state = generateCheckpointStateProto(saveDir, path, { allModelCheckpointPaths: [path] });
    expect(state.modelCheckpointPath).toBe(stored);
    expect(state.allModelCheckpointPaths).toEqual([stored]);
  });

  it("takes a directory above the working directory from there, as os.path.relpath does", () => {
    const here = process.cwd().split("/").at(-1);
    expect(generateCheckpointStateProto("../x", "m").modelCheckpointPath).toBe(`../${here}/m`);
  });

  it("adds the newest checkpoint if it is not the last, and never to the caller's list", () => {
    const mine = ["/d/a", "/d/b"];
    const all = (list?: string[]) =>
      generateCheckpointStateProto("/d", "/d/a", { allModelCheckpointPaths: list }).allModelCheckpointPaths;
    expect(all()).toEqual(["/d/a"]);
    expect(all([])).toEqual(["/d/a"]);
    expect(all(mine)).toEqual(["/d/a", "/d/b", "/d/a"]);
    expect(all(["/d/b", "/d/a"])).toEqual(["/d/b", "/d/a"]);
    expect(mine).toEqual(["/d/a", "/d/b"]);
  });

  it("takes no timestamps or one for each path", () => {
    const make = (allModelCheckpointTimestamps: number[], allModelCheckpointPaths: string[]) =>
      generateCheckpointStateProto("/d", "m", { allModelCheckpointTimestamps, allModelCheckpointPaths });
    expect(make([1.5], []).allModelCheckpointTimestamps).toEqual([1.5]);
    expect(make([], ["a", "m"]).allModelCheckpointTimestamps).toEqual([]);
    expect(() => make([1], ["a"])).toThrow(
      expect.objectContaining({
        name: "ValueError",
        message: expect.stringContaining("Checkpoint timestamps, if provided, must match checkpoint paths (got paths"),
      }),
    );
  });

  it("refuses an empty path, as os.path.relpath does", () => {
    for (const saveDir of ["", "d"]) {
      expect(() => generateCheckpointStateProto(saveDir, "")).toThrow(
        expect.objectContaining({ name: "ValueError", message: "no path specified" }),
      );
    }
  });
});

describe("updateCheckpointState", () => {
  it("writes the page's example, letter for letter", async () => {
    const storage = await storageWith(["/d/x"]);
    await updateCheckpointState("/d", "/d/m-2", {
      allModelCheckpointPaths: ["/d/m-1", "/d/m-2"],
      allModelCheckpointTimestamps: [1700000000.1234567, 1],
      lastPreservedTimestamp: 0.5,
      storage,
    });
    expect(await textOf(storage, "/d/checkpoint")).toBe(
      [
        'model_checkpoint_path: "/d/m-2"',
        'all_model_checkpoint_paths: "/d/m-1"',
        'all_model_checkpoint_paths: "/d/m-2"',
        "all_model_checkpoint_timestamps: 1700000000.1234567",
        "all_model_checkpoint_timestamps: 1.0",
        "last_preserved_timestamp: 0.5",
        "",
      ].join("\n"),
    );
  });

  it("with saveRelativePaths stores absolute paths as relative ones, so that a copied directory works", async () => {
    const storage = await storageWith(["/d/x", "/copy/x"]);
    const allModelCheckpointPaths = ["/d/abs-1", "rel", "/e/f", "/d/abs-2"];
    await updateCheckpointState("/d", "/d/abs-2", { allModelCheckpointPaths, saveRelativePaths: true, storage });
    const text = await textOf(storage, "/d/checkpoint");
    expect(text.match(/"[^"]*"/g)).toEqual(['"abs-2"', '"abs-1"', '"rel"', '"../e/f"', '"abs-2"']);
    await storage.rename("/d/checkpoint", "/copy/checkpoint");
    expect((await getCheckpointState("/copy", { storage }))?.modelCheckpointPath).toBe("/copy/abs-2");
  });

  it("with saveRelativePaths and no list stores the newest path", async () => {
    const storage = new MemoryStorage();
    await updateCheckpointState("/", "/m", { saveRelativePaths: true, storage });
    expect(await textOf(storage, "/checkpoint")).toBe('model_checkpoint_path: "m"\nall_model_checkpoint_paths: "m"\n');
  });

  // Run of TensorFlow 2.21 with save_dir 'd' and the absolute path of d/m: stored as ../m, which is wrong.
  it("relativises twice for a relative directory and an absolute path, as TensorFlow does", async () => {
    const storage = await storageWith(["d/x"]);
    const at = process.cwd();
    const allModelCheckpointPaths = [`${at}/d/n`];
    await updateCheckpointState("d", `${at}/d/m`, { allModelCheckpointPaths, saveRelativePaths: true, storage });
    expect(await textOf(storage, "d/checkpoint")).toBe(
      'model_checkpoint_path: "../m"\nall_model_checkpoint_paths: "../n"\nall_model_checkpoint_paths: "../m"\n',
    );
  });

  // The four cases were run in TensorFlow 2.21.
  it.each([
    ["/d", "/d/checkpoint", false, true],
    ["/d", "/d/checkpoint", true, false],
    ["d", "d/checkpoint", false, false],
    ["", "checkpoint", false, true],
  ])("in %j with the checkpoint %j, relative: %s, collides: %s", async (saveDir, path, saveRelativePaths, collides) => {
    const storage = await storageWith(["/d/x", "d/x"]);
    const update = updateCheckpointState(saveDir, path, { saveRelativePaths, storage });
    if (!collides) return expect(update).resolves.toBeUndefined();
    await expect(update).rejects.toMatchObject({
      kind: "RuntimeError",
      message: `Save path '${path}' conflicts with path used for checkpoint state.  Please use a different save path.`,
    });
    expect(await storage.stat(path)).toBeUndefined();
  });

  it("takes another name for the file", async () => {
    const storage = await storageWith(["/d/x"]);
    await updateCheckpointState("/d", "/d/checkpoint", { latestFilename: "state", storage });
    expect(await filesIn(storage, "/d")).toEqual(["state", "x"]);
  });

  it("rejects with NotFoundError if the directory does not exist", async () => {
    for (const storage of [new MemoryStorage(), new NodeStorage()]) {
      const update = updateCheckpointState("/tfsaver-no-such-directory", "/x", { storage });
      await expect(update).rejects.toMatchObject({ kind: "NotFoundError" });
    }
  });

  it("leaves the old file or the new one, and nothing else, whichever operation fails", async () => {
    const before = 'model_checkpoint_path: "a"\nall_model_checkpoint_paths: "a"\n';
    const after = 'model_checkpoint_path: "bb"\nall_model_checkpoint_paths: "bb"\n';
    const whole = new FaultyStorage(await storageWith({ "/d/checkpoint": before }));
    await updateCheckpointState("/d", "bb", { storage: whole });
    expect(whole.operations).toBeGreaterThan(3);
    for (let fail = 1; fail <= whole.operations; fail++) {
      const inner = await storageWith({ "/d/checkpoint": before });
      const storage = new FaultyStorage(inner, { fail, tornBytes: 20 });
      await expect(updateCheckpointState("/d", "bb", { storage }), `operation ${fail}`).rejects.toMatchObject({
        message: expect.stringContaining("Injected fault"),
      });
      expect([before, after]).toContain(await textOf(inner, "/d/checkpoint"));
      expect(await filesIn(inner, "/d"), `after operation ${fail}`).toEqual(["checkpoint"]);
    }
  });
});
