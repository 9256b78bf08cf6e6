import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { Graph, Variable } from "@tfsaver/graph";
import { HostVariable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { expect, it } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { Checkpoint } from "../src/index.js";

/** A graph with two variables of both kinds, and a value beside it. */
function program(storage: MemoryStorage, value = 0) {
  const graph = new Graph();
  const w = Variable.create([value, value + 1], { graph, name: "w" });
  const b = Variable.create(value, { graph, name: "b", useResource: true });
  const step = new HostVariable(value, { name: "step" });
  const session = new LocalSession(graph, { storage });
  const initialize = () => session.run([w.initializer, b.initializer]);
  const values = async () => [
    ...(await session.run([w, b])).flatMap(({ data }) => Array.from(data as Float32Array)),
    step.value.data[0],
  ];
  return { graph, w, b, step, session, initialize, values, children: { model: { w, b }, step } };
}

it("saves and restores variables of a graph, with values beside it, through a session", async () => {
  const storage = new MemoryStorage();
  const one = program(storage, 5);
  await one.initialize();
  await new Checkpoint(one.children, { storage, session: one.session }).write("ckpt");
  const reader = await openCheckpoint("ckpt", { storage });
  expect((await reader.get("model/w/.ATTRIBUTES/VARIABLE_VALUE")).data).toEqual(Float32Array.of(5, 6));
  await reader.close();

  const two = program(storage);
  (await new Checkpoint(two.children, { storage, session: two.session }).read("ckpt")).assertConsumed();
  expect(await two.values()).toEqual([5, 6, 5, 5]);
});

it("gives the file that values in no graph give", async () => {
  const [graphs, hosts] = [new MemoryStorage(), new MemoryStorage()];
  const { children, session, initialize } = program(graphs, 5);
  await initialize();
  await new Checkpoint(children, { storage: graphs, session }).save("ckpt");
  const model = { w: new HostVariable([5, 6], { name: "w" }), b: new HostVariable(5, { name: "b" }) };
  await new Checkpoint({ model, step: children.step }, { storage: hosts }).save("ckpt");
  for (const file of ["ckpt-1.index", "ckpt-1.data-00000-of-00001", "checkpoint"]) {
    const [ours, theirs] = await Promise.all([graphs, hosts].map((storage) => readFile(storage, file)));
    expect(ours, file).toEqual(theirs);
  }
});

it("adds no operations to the graph when it saves and restores again", async () => {
  const storage = new MemoryStorage();
  const { graph, children, session, initialize } = program(storage, 1);
  await initialize();
  const checkpoint = new Checkpoint(children, { storage, session });
  await checkpoint.save("ckpt");
  await checkpoint.restore("ckpt-1");
  await checkpoint.save("ckpt");
  const count = [...graph.operations].length;
  for (let i = 0; i < 200; i++) (await checkpoint.restore("ckpt-1")).assertConsumed();
  for (let i = 0; i < 5; i++) await checkpoint.save("ckpt");
  expect([...graph.operations]).toHaveLength(count);
});

it("restores later, when a session is there, and saves nothing before", async () => {
  const storage = new MemoryStorage();
  const one = program(storage, 5);
  await one.initialize();
  const path = await new Checkpoint(one.children, { storage, session: one.session }).save("ckpt");

  const two = program(storage);
  const checkpoint = new Checkpoint(two.children, { storage });
  const status = await checkpoint.restore(path);
  status.assertConsumed();
  expect(two.step.value.data[0]).toBe(5);
  expect(await rejection(checkpoint.save("ckpt", { session: two.session }))).toMatchObject({
    kind: "FailedPreconditionError",
    message: expect.stringContaining("status.runRestoreOps(session)"),
  });
  expect(await rejection(status.runRestoreOps())).toMatchObject({ kind: "RuntimeError" });
  await status.runRestoreOps(two.session);
  expect(await two.values()).toEqual([5, 6, 5, 5]);
  expect(await checkpoint.save("ckpt", { session: two.session })).toBe("ckpt-2");
});

it("restores later, also if another restore fails in between", async () => {
  const storage = new MemoryStorage();
  const one = program(storage, 5);
  await one.initialize();
  await new Checkpoint(one.children, { storage, session: one.session }).write("ckpt");
  await new Checkpoint({ model: { w: new HostVariable([1, 2, 3], { name: "w" }) } }, { storage }).write("other");
  const two = program(storage);
  const checkpoint = new Checkpoint(two.children, { storage });
  const status = await checkpoint.read("ckpt");
  expect(await rejection(checkpoint.read("other"))).toMatchObject({ kind: "ValueError" });
  await status.runRestoreOps(two.session);
  expect(await two.values()).toEqual([5, 6, 5, 5]);
});

it("initializes the variables that are not in the checkpoint", async () => {
  const storage = new MemoryStorage();
  const one = program(storage, 5);
  await one.initialize();
  await new Checkpoint({ a: one.w }, { storage, session: one.session }).write("ckpt");
  const { w, b, session } = program(storage, 2);
  const checkpoint = new Checkpoint({ a: w, z: b }, { storage, session });
  await (await checkpoint.read("ckpt")).initializeOrRestore();
  expect((await session.run([w, b])).map(({ data }) => Array.from(data as Float32Array))).toEqual([[5, 6], [2]]);

  const fresh = program(storage, 3);
  const status = await new Checkpoint(fresh.children, { storage }).restore(undefined);
  await status.initializeOrRestore(fresh.session);
  expect(await fresh.values()).toEqual([3, 4, 3, 3]);
  for (const assert of ["assertConsumed", "assertExistingObjectsMatched", "assertNontrivialMatch"] as const)
    expect(() => status[assert]()).toThrow("No checkpoint specified (save_path=None); nothing is being restored.");
  expect(await rejection(status.runRestoreOps())).toMatchObject({ kind: "AssertionError" });
});

it("changes neither the graph's values nor others if one of them does not fit", async () => {
  const storage = new MemoryStorage();
  const one = program(storage, 5);
  await one.initialize();
  await new Checkpoint(one.children, { storage, session: one.session }).write("ckpt");
  const two = program(storage, 1);
  await two.initialize();
  const wrong = new HostVariable([0, 0, 0], { name: "step" });
  const checkpoint = new Checkpoint({ ...two.children, step: wrong }, { storage, session: two.session });
  expect(await rejection(checkpoint.read("ckpt"))).toMatchObject({
    kind: "ValueError",
    tensor: "step/.ATTRIBUTES/VARIABLE_VALUE",
    message: expect.stringContaining("Object: (root).step, here HostVariable 'step'"),
  });
  expect(await two.values()).toEqual([1, 2, 1, 1]);
});

it("tells that a session is missing", async () => {
  const { children } = program(new MemoryStorage());
  const checkpoint = new Checkpoint(children, { storage: new MemoryStorage() });
  expect(await rejection(checkpoint.write("ckpt"))).toMatchObject({
    kind: "RuntimeError",
    message: expect.stringContaining("in graph mode without a default session"),
  });
});

it("saves the values of the moment of the call", async () => {
  const storage = new MemoryStorage();
  const { children, session, initialize, w, step } = program(storage, 5);
  await initialize();
  const checkpoint = new Checkpoint(children, { storage, session });
  const saves = [checkpoint.save("ckpt")];
  await w.load([7, 8], session);
  step.assign(9);
  saves.push(checkpoint.save("ckpt"));
  expect(await Promise.all(saves)).toEqual(["ckpt-1", "ckpt-2"]);
  const valuesOf = async (path: string) => {
    const two = program(storage);
    await new Checkpoint(two.children, { storage, session: two.session }).restore(path);
    return two.values();
  };
  expect(await valuesOf("ckpt-1")).toEqual([5, 6, 5, 5]);
  expect(await valuesOf("ckpt-2")).toEqual([7, 8, 5, 9]);
});

it("writes one shard for each task of a cluster", async () => {
  const storage = new MemoryStorage();
  const graph = new Graph();
  const on = (task: number) =>
    graph.withDevice(`/job:ps/task:${task}`, () => Variable.create([task], { graph, name: `v${task}` }));
  const variables = [on(0), on(1)];
  const session = new LocalSession(graph, { storage });
  await session.run(variables.map(({ initializer }) => initializer));
  await new Checkpoint({ variables }, { storage, session }).write("ckpt");
  const reader = await openCheckpoint("ckpt", { storage });
  expect(reader.numShards).toBe(3);
  await reader.close();
  await session.run(variables.map((variable) => variable.assign([9])));
  (await new Checkpoint({ variables }, { storage, session }).read("ckpt")).assertConsumed();
  expect((await session.run(variables)).map(({ data }) => data[0])).toEqual([0, 1]);
});

it("says that session and checkpoint have different storages, and names no option that it does not have", async () => {
  const { children, session, initialize } = program(new MemoryStorage(), 5);
  await initialize();
  const error = await rejection(new Checkpoint(children, { storage: new MemoryStorage(), session }).write("ckpt"));
  expect(error.message).toContain("give session and saver the same storage");
  expect(error.message).not.toContain("checkWritten");
});
