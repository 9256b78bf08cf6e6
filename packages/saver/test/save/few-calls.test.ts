import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver, type SaverOptions } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { CountingStorage, MemoryObjectStorage } from "@tfsaver/testing";
import { expect, it } from "vitest";

/** Makes a saver of two variables, on two devices, in an object store. */
async function start(options: SaverOptions) {
  const storage = new CountingStorage(new MemoryObjectStorage());
  const graph = new Graph();
  const on = (task: number) =>
    graph.withDevice(`/job:ps/task:${task}`, () => Variable.create([1, 2, 3], { graph, name: `v${task}` }));
  const variables = [on(0), on(1)];
  const session = new LocalSession(graph, { storage });
  await session.run(variables.map(({ initializer }) => initializer));
  const saver = new Saver({ graph, varList: variables, storage, ...options });
  const callsOf = async (action: () => Promise<unknown>) => {
    storage.reset();
    await action();
    return storage.operations.map(({ kind, path }) => `${kind} ${path}`);
  };
  const save = (globalStep: number) => callsOf(() => saver.save(session, "run/model", { globalStep }));
  return { storage, session, saver, save, callsOf };
}

it("a save in an object store takes 10 calls of the storage", async () => {
  const { save } = await start({});
  expect(await save(1)).toEqual([
    "put run/model-1.saving",
    "list run",
    "get run/model-1.saving",
    "put run/model-1.data-00000-of-00001",
    "put run/model-1.index",
    "get run/model-1.index",
    "stat run/model-1.data-00000-of-00001",
    "put run/checkpoint",
    "put run/model-1.meta",
    "remove run/model-1.saving",
  ]);
});

it("a save in an object store that removes an older checkpoint takes 16", async () => {
  const { save } = await start({ maxToKeep: 1 });
  await save(1);
  expect(await save(2)).toEqual([
    "put run/model-2.saving",
    "list run",
    "get run/model-2.saving",
    "put run/model-2.data-00000-of-00001",
    "put run/model-2.index",
    "get run/model-2.index",
    "stat run/model-2.data-00000-of-00001",
    "put run/checkpoint",
    "list run",
    "remove run/model-1.meta",
    "put run/model-1.index.tempstate1",
    "remove run/model-1.index",
    "remove run/model-1.data-00000-of-00001",
    "remove run/model-1.index.tempstate1",
    "put run/model-2.meta",
    "remove run/model-2.saving",
  ]);
});

it("a save that replaces a checkpoint in an object store stores all of it before it renames the old index", async () => {
  const { save } = await start({ sharded: true });
  await save(1);
  const calls = (await save(1)).map((call) => call.replace(/tempstate\d+/, "tempstate…"));
  const files = ["data-00000-of-00002", "data-00001-of-00002", "index"].map((ending) => `run/model-1.${ending}`);
  const record = calls.lastIndexOf("put run/model-1.saving");
  const rename = calls.indexOf("rename run/model-1.index");
  for (const file of files) expect(calls.slice(0, record)).toContain(`put ${file}.tempstate…`);
  expect(calls.slice(record, rename)).toEqual([
    "put run/model-1.saving",
    "get run/model-1.saving",
    ...files.map((file) => `stat ${file}.tempstate…`),
  ]);
  expect(calls.slice(rename, rename + 8)).toEqual([
    "rename run/model-1.index",
    ...files.map((file) => `put ${file}`),
    ...files.map((file) => `remove ${file}.tempstate…`),
    "remove run/model-1.index.tempstate…",
  ]);
});

it("a restore of the latest checkpoint in an object store takes four calls before the data", async () => {
  const { storage, session, saver, save, callsOf } = await start({});
  await save(1);
  const calls = await callsOf(async () => {
    const latest = await latestCheckpoint("run", { storage });
    await saver.restore(session, latest as string);
  });
  // What is read of an open file is in memory from the first request, if the file is small.
  const requests = calls.filter((call) => !/^(?:read|close) /.test(call));
  expect(requests).toEqual([
    "get run/checkpoint",
    "stat run/model-1.index",
    "stat run/model-1.index",
    "open run/model-1.index",
    "open run/model-1.data-00000-of-00001",
  ]);
});
