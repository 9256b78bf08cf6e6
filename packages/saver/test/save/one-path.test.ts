import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { Saver } from "@tfsaver/saver";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { filesIn, putFile } from "../../../../fixtures/storage-files.js";
import { Model } from "../crash/history.js";

async function folder(options: { ignoreCase?: boolean } = {}): Promise<MemoryStorage> {
  const storage = new MemoryStorage(options);
  for (const name of ["/run", "/run/sub"]) await storage.createDirectory(name);
  return storage;
}

describe.each([
  ["V2", {}],
  ["V2 in shards", { sharded: true }],
  ["V1", { writeVersion: 1 }],
  ["V1 in shards", { writeVersion: 1, sharded: true }],
] as const)("one path in two spellings is one checkpoint, in %s", (_, format) => {
  it.each(["/run/./m", "/run//m", "/run/sub/../m", "//run/m"])("/run/m and %s", async (spelling) => {
    const storage = await folder();
    const model = new Model();
    const saver = model.saver(storage, { ...format, maxToKeep: 1 });
    await saver.save(await model.holding(10, storage), "/run/m", { globalStep: 1 });
    const path = (await saver.save(await model.holding(20, storage), spelling, { globalStep: 1 })) as string;
    expect(saver.lastCheckpoints).toEqual([path]);
    expect(path.startsWith(spelling)).toBe(true);
    expect(await model.read(saver, path, storage)).toBe(20);
    // And one that follows removes it as one.
    const next = (await saver.save(await model.holding(30, storage), "/run/m", { globalStep: 2 })) as string;
    expect(saver.lastCheckpoints).toEqual([next]);
    expect((await filesIn(storage, "/run")).filter((name) => name.startsWith("m-1"))).toEqual([]);
    expect(await model.read(saver, next, storage)).toBe(30);
  });
});

it("a storage that ignores case has one checkpoint for both cases", async () => {
  const storage = await folder({ ignoreCase: true });
  const model = new Model();
  const saver = model.saver(storage, { maxToKeep: 1 });
  await saver.save(await model.holding(10, storage), "/run/m", { globalStep: 1 });
  const path = (await saver.save(await model.holding(20, storage), "/run/M", { globalStep: 1 })) as string;
  expect(saver.lastCheckpoints).toEqual([path]);
  expect(await model.read(saver, path, storage)).toBe(20);
});

it("recovers the same checkpoint after a restart, whatever its spelling in the state file", async () => {
  const storage = await folder();
  const model = new Model();
  const first = model.saver(storage, { maxToKeep: 2 });
  for (const globalStep of [1, 2]) {
    await first.save(await model.holding(globalStep * 10, storage), "/run/./m", { globalStep });
  }
  const restarted = model.saver(storage, { maxToKeep: 2, recover: true });
  const path = (await restarted.save(await model.holding(30, storage), "/run/m", { globalStep: 2 })) as string;
  expect(await model.read(restarted, path, storage)).toBe(30);
  expect(await latestCheckpoint("/run", { storage })).toBe(path);
  expect(restarted.lastCheckpoints).toHaveLength(2);
});

it.each(["checkpoint", "checkpoint.records.json"])(
  "retention never removes %s, although its list names it",
  async (name) => {
    const storage = await folder();
    const model = new Model();
    // The file of a V1 checkpoint has the very name of its prefix.
    const options = { writeVersion: 1, maxToKeep: 1, name: "v1" };
    const warnings: string[] = [];
    const saver = new Saver({ ...options, graph: model.graph, storage, onWarning: (text) => warnings.push(text) });
    await putFile(storage, `/run/${name}`, "model_checkpoint_path: 'm'");
    saver.setLastCheckpointsWithTime([[`/run/sub/../${name}`, 0]]);
    const path = await saver.save(await model.holding(20, storage), "/run/m", { globalStep: 2 });
    expect(await storage.stat(`/run/${name}`)).toBeDefined();
    expect(warnings.filter((text) => text.includes("is in use"))).toHaveLength(1);
    expect(await latestCheckpoint("/run", { storage })).toBe(path);
  },
);
