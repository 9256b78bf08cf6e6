import { removeCheckpoint } from "@tfsaver/checkpoint-files";
import { describe, expect, it } from "vitest";
import { storageWith } from "../../../fixtures/storage-files.js";

const FILES = [
  "run/m-1.index",
  "run/m-1.data-00000-of-00001",
  "run/m-1.meta",
  "run/sub/m-1.index",
  "etc/m-1.index",
  "m-1.index",
];

describe("removeCheckpoint within a folder", () => {
  it.each([
    "etc/m-1",
    "/etc/m-1",
    "run/../etc/m-1",
    "run/sub/m-1",
    "run/sub/../../etc/m-1",
    "../m-1",
    "m-1",
    "run/..",
    "run/.",
    "run/",
    "run",
    "",
    "run/..\\etc\\m-1",
    "run\n/m-1",
    "s3://run/m-1",
  ])("removes nothing for %j", async (prefix) => {
    const storage = await storageWith(FILES);
    await expect(removeCheckpoint(prefix, { storage, within: "run" })).rejects.toMatchObject({
      kind: "PermissionDeniedError",
      path: prefix,
    });
    for (const file of FILES) expect(await storage.stat(file)).toBeDefined();
  });

  it.each(["run/m-1", "./run/m-1", "run//m-1", "run/sub/../m-1"])("removes %j", async (prefix) => {
    const storage = await storageWith(FILES);
    await removeCheckpoint(prefix, { storage, within: "run/" });
    expect((await storage.list("run")).map(({ name }) => name)).toEqual(["sub"]);
  });

  it("removes by absolute paths", async () => {
    const storage = await storageWith(["/srv/run/m-1.index", "/srv/run/m-2.index"]);
    await removeCheckpoint("/srv/run/m-1", { storage, within: "/srv/run" });
    expect((await storage.list("/srv/run")).map(({ name }) => name)).toEqual(["m-2.index"]);
    const elsewhere = removeCheckpoint("/srv/run2/m-1", { storage, within: "/srv/run" });
    await expect(elsewhere).rejects.toMatchObject({ kind: "PermissionDeniedError" });
  });

  it.each(["run/*", "run/m-?", "run/[m]-1", "run/\\m-1"])("does not treat %j as a pattern", async (prefix) => {
    for (const version of [1, 2]) {
      const storage = await storageWith([...FILES, "run/m-1"]);
      await removeCheckpoint(prefix, { storage, within: "run", version }).catch(() => undefined);
      for (const file of FILES) expect(await storage.stat(file)).toBeDefined();
    }
  });
});
