import { checkpointExists } from "@tfsaver/checkpoint-files";
import { convertCheckpoint } from "@tfsaver/checkpoint-tools";
import { PermissionDeniedError } from "@tfsaver/core";
import type { SaverOptions } from "@tfsaver/saver";
import { MemoryStorage } from "@tfsaver/storage";
import { FaultyStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { filesIn, putFile } from "../../../../fixtures/storage-files.js";
import { Model } from "../crash/history.js";

const FORMATS = {
  V1: { writeVersion: 1 },
  "V1 in shards": { writeVersion: 1, sharded: true },
  V2: {},
  "V2 in shards": { sharded: true },
} satisfies Record<string, SaverOptions>;

type Format = keyof typeof FORMATS;

async function folder(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await storage.createDirectory("/run");
  return storage;
}

describe.each(
  (Object.keys(FORMATS) as Format[]).flatMap((before) =>
    (Object.keys(FORMATS) as Format[])
      .filter((after) => after.slice(0, 2) !== before.slice(0, 2))
      .map((after) => [before, after] as const),
  ),
)("%s, then %s at the same path", (before, after) => {
  it("restores what was saved last", async () => {
    const storage = await folder();
    const model = new Model();
    const old = model.saver(storage, FORMATS[before]);
    await old.save(await model.holding(10, storage), "/run/m");
    const saver = model.saver(storage, FORMATS[after]);
    const path = (await saver.save(await model.holding(20, storage), "/run/m")) as string;
    expect(await model.read(saver, path, storage)).toBe(20);
  });
});

it.each(["V1", "V1 in shards"] as const)("the index of V2 goes with its data when %s replaces it", async (format) => {
  const storage = await folder();
  const model = new Model();
  await model.saver(storage, {}).save(await model.holding(10, storage), "/run/m");
  await model.saver(storage, FORMATS[format]).save(await model.holding(20, storage), "/run/m");
  expect((await filesIn(storage, "/run")).filter((name) => /\.index|\.data/.test(name))).toEqual([]);
  expect(await storage.stat("/run/m.meta")).toBeDefined();
});

it("the file of V1 goes when V2 replaces it, but no other file of that name", async () => {
  const storage = await folder();
  const model = new Model();
  await model.saver(storage, FORMATS.V1).save(await model.holding(10, storage), "/run/m");
  await model.saver(storage, {}).save(await model.holding(20, storage), "/run/m");
  expect(await storage.stat("/run/m")).toBeUndefined();
  await putFile(storage, "/run/m", "notes of somebody");
  await model.saver(storage, {}).save(await model.holding(30, storage), "/run/m");
  expect(await storage.stat("/run/m")).toBeDefined();
});

it("a V1 save that can't remove the index of V2 fails, and the V2 checkpoint stands", async () => {
  const storage = await folder();
  const model = new Model();
  const old = model.saver(storage, {});
  await old.save(await model.holding(10, storage), "/run/m");
  const failing = new FaultyStorage(storage, {
    fail: ({ kind, path }) => kind === "rename" && path === "/run/m.index",
    error: new PermissionDeniedError("read-only"),
  });
  const saver = model.saver(failing, FORMATS.V1);
  await expect(saver.save(await model.holding(20, failing), "/run/m")).rejects.toThrow("read-only");
  expect(await model.read(old, "/run/m", storage)).toBe(10);
  expect(await checkpointExists("/run/m", { storage, version: 1 })).toBe(false);
});

it("convertCheckpoint still refuses a destination that exists in either format", async () => {
  const storage = await folder();
  const model = new Model();
  await model.saver(storage, {}).save(await model.holding(10, storage), "/run/m");
  await expect(convertCheckpoint("/run/m", "/run/m", { storage, format: "V1" })).rejects.toMatchObject({
    kind: "ValueError",
  });
});
