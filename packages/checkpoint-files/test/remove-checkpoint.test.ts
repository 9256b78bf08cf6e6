import { removeCheckpoint } from "@tfsaver/checkpoint-files";
import { NotFoundError, PermissionDeniedError } from "@tfsaver/core";
import { CountingStorage, FaultyStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { filesIn, storageWith } from "../../../fixtures/storage-files.js";

describe("removeCheckpoint", () => {
  it("removes the files of a V2 checkpoint, and no files with similar names", async () => {
    const gone = [
      "m-1.meta",
      "m-1.index",
      "m-1.data-00000-of-00002",
      "m-1.data-00001-of-00002",
      "m-1.data-abcde-of-fghij",
    ];
    const stays = [
      "checkpoint",
      "m-1",
      "m-1.data-00000-of-00001.tempstate1",
      "m-1.data-000000-of-100000",
      "m-1.data-1-of-2",
      "m-1.debug",
      "m-1.graph",
      "m-10.data-00000-of-00001",
      "m-10.index",
      "m-11.meta",
      "xm-1.index",
    ];
    const storage = await storageWith([...gone, ...stays].map((name) => `/d/${name}`));
    await removeCheckpoint("/d/m-1", { storage });
    expect(await filesIn(storage, "/d")).toEqual(stays);
  });

  it("removes meta graph, index and data in this order", async () => {
    const files = ["m.data-00001-of-00002", "m.index", "m.data-00000-of-00002", "m.meta"];
    const storage = new CountingStorage(await storageWith(files));
    await removeCheckpoint("m", { storage });
    const changes = storage.operations.filter(({ kind }) => kind === "remove" || kind === "rename");
    const removed = changes.map(({ path }) => path);
    expect(removed).toEqual([
      "m.meta",
      "m.index",
      "m.data-00000-of-00002",
      "m.data-00001-of-00002",
      // What the index was renamed to, so that data files that stay behind would be known.
      "m.index.tempstate1",
    ]);
  });

  it("removes all shards of V1 by their pattern, with their meta graph", async () => {
    const files = ["m-00000-of-00002", "m-00001-of-00002", "m.meta", "m-00000-of-00003", "n-00000-of-00002", "m.index"];
    const storage = await storageWith(files);
    await removeCheckpoint("m-?????-of-00002", { storage, version: 1 });
    expect(await filesIn(storage, ".")).toEqual(["m-00000-of-00003", "m.index", "n-00000-of-00002"]);
  });

  it("removes a V1 file and the meta graph of the suffix that is given", async () => {
    const storage = await storageWith(["m", "m.meta", "m.graph", "m.index"]);
    await removeCheckpoint("m", { storage, version: 1, metaGraphSuffix: "graph" });
    expect(await filesIn(storage, ".")).toEqual(["m.index", "m.meta"]);
  });

  it("does nothing if no file exists", async () => {
    const storage = await storageWith(["x"]);
    await removeCheckpoint("d/m", { storage });
    expect(await filesIn(storage, ".")).toEqual(["x"]);
  });

  it("treats a prefix as a pattern if no file of that name exists, as TensorFlow does", async () => {
    const storage = await storageWith(["m-1.index", "m-1.meta", "m-2.data-00000-of-00001", "n.index"]);
    await removeCheckpoint("m-*", { storage });
    expect(await filesIn(storage, ".")).toEqual(["n.index"]);
  });

  describe("with pattern characters in the name", () => {
    const others = ["m1.data-00000-of-00001", "m1.index", "m1.meta"];

    it.each(["m[1]", "m?", "m*", "m\\1"])("removes %s and no other checkpoint", async (prefix) => {
      const own = [".index", ".data-00000-of-00001", ".meta"].map((end) => prefix + end);
      const storage = await storageWith([...own, ...others]);
      await removeCheckpoint(prefix, { storage });
      expect(await filesIn(storage, ".")).toEqual(others);
    });

    it("removes the remaining files of a checkpoint without an index", async () => {
      const storage = await storageWith(["m[1].data-00000-of-00001", "m[1].meta", ...others]);
      await removeCheckpoint("m[1]", { storage });
      expect(await filesIn(storage, ".")).toEqual(others);
    });

    it("removes the shards of one V1 checkpoint only", async () => {
      const left = ["m1-00000-of-00002", "m1.meta"];
      const storage = await storageWith(["m[1]-00000-of-00002", "m[1]-00001-of-00002", "m[1].meta", ...left]);
      await removeCheckpoint("m[1]-?????-of-00002", { storage, version: 1 });
      expect(await filesIn(storage, ".")).toEqual(left);
    });

    it("with literal removes no other checkpoint even when its own files are gone", async () => {
      const shards = ["m1-00000-of-00002", "m1-00001-of-00002"];
      const storage = await storageWith([...others, ...shards]);
      await removeCheckpoint("m[1]", { storage, literal: true });
      await removeCheckpoint("m*-?????-of-00002", { storage, literal: true, version: 1 });
      expect(await filesIn(storage, ".")).toEqual([...shards, ...others].sort());
      await removeCheckpoint("m1-?????-of-00002", { storage, literal: true, version: 1 });
      expect(await filesIn(storage, ".")).toEqual(["m1.data-00000-of-00001", "m1.index"]);
    });
  });

  it("warns if a file disappears meanwhile, and continues", async () => {
    const storage = new FaultyStorage(await storageWith(["m.meta", "m.index", "m.data-00000-of-00001"]), {
      fail: ({ kind, path }) => kind === "rename" && path === "m.index",
      error: new NotFoundError("m.index; No such file or directory", { path: "m.index" }),
    });
    const warnings: string[] = [];
    await removeCheckpoint("m", { storage, onWarning: (message) => warnings.push(message) });
    expect(warnings).toEqual([expect.stringMatching(/^NotFoundError: m\.index /)]);
    expect(await filesIn(storage, ".")).toEqual(["m.index"]);
  });

  it("stops at any other error", async () => {
    const storage = new FaultyStorage(await storageWith(["m.meta", "m.index", "m.data-00000-of-00001"]), {
      fail: ({ kind, path }) => kind === "rename" && path === "m.index",
      error: new PermissionDeniedError("m.index; Permission denied", { path: "m.index" }),
    });
    await expect(removeCheckpoint("m", { storage })).rejects.toMatchObject({ kind: "PermissionDeniedError" });
    expect(await filesIn(storage, ".")).toEqual(["m.data-00000-of-00001", "m.index"]);
  });
});
