import { toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { importMetaGraph, Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { describe, expect, it } from "vitest";
import { Bfloat16SaverBuilder } from "../../../../examples/custom-builder/src/bfloat16-saver-builder.js";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { errorOf, smallModel } from "../model.js";

/** A checkpoint of `a` (float32 [2]) and `b` (int32), and a graph of other variables. */
async function otherModel(make: (graph: Graph) => void, options: { reshape?: boolean; useResource?: boolean } = {}) {
  const { storage, saver: old, session: oldSession } = await smallModel();
  await old.save(oldSession, "m");
  const graph = new Graph();
  make(graph);
  const saver = new Saver({ graph, storage, ...options });
  const session = new LocalSession(graph, { storage });
  const variables = graph.collection("variables") as Variable[];
  await session.run(variables.map(({ initializer }) => initializer));
  const values = async () =>
    Object.fromEntries(
      await Promise.all(
        variables.map(async (v) => [v.op.name, Array.from((await session.run(v.snapshot)).data as ArrayLike<number>)]),
      ),
    );
  return { graph, saver, session, values, storage };
}

describe('restore with match: "intersect"', () => {
  it.each([false, true])("restores matching variables, and reports the others (resource: %s)", async (useResource) => {
    const { saver, session, values } = await otherModel((graph) => {
      Variable.create([9, 9], { graph, name: "a", useResource });
      Variable.create(toTensor([7, 7], "int32"), { graph, name: "b", useResource });
      Variable.create([5], { graph, name: "head", useResource });
    });
    expect(await saver.restore(session, "m", { match: "intersect" })).toEqual({
      restored: ["a"],
      missing: ["head"],
      mismatched: [{ name: "b", expected: "int32 [2]", found: "int32 []" }],
      unused: ["b"],
    });
    expect(await values()).toEqual({ a: [1, 2], b: [7, 7], head: [5] });
  });

  it("counts another dtype as a mismatch, and another shape of as many elements only without reshape", async () => {
    const make = (graph: Graph) => {
      Variable.create([[9], [9]], { graph, name: "a" });
      Variable.create(toTensor(7, "float64"), { graph, name: "b" });
    };
    const mismatched = [{ name: "b", expected: "float64 []", found: "int32 []" }];
    const strict = await otherModel(make);
    expect(await strict.saver.restore(strict.session, "m", { match: "intersect" })).toMatchObject({
      restored: [],
      mismatched: [{ name: "a", expected: "float32 [2,1]", found: "float32 [2]" }, ...mismatched],
    });
    expect(await strict.values()).toEqual({ a: [9, 9], b: [7] });
    const reshaping = await otherModel(make, { reshape: true });
    expect(await reshaping.saver.restore(reshaping.session, "m", { match: "intersect" })).toMatchObject({
      restored: ["a"],
      mismatched,
    });
    expect(await reshaping.values()).toEqual({ a: [1, 2], b: [7] });
  });

  it("adds no nodes if everything matches, and otherwise once", async () => {
    const whole = await smallModel();
    await whole.saver.save(whole.session, "m");
    const before = whole.graph.size;
    expect(await whole.saver.restore(whole.session, "m", { match: "intersect" })).toMatchObject({ unused: [] });
    expect(whole.graph.size).toBe(before);
    const { graph, saver, session } = await otherModel((graph) => {
      Variable.create([9, 9], { graph, name: "a" });
      Variable.create([5], { graph, name: "head" });
    });
    await saver.restore(session, "m", { match: "intersect" });
    const after = graph.size;
    await saver.restore(session, "m", { match: "intersect" });
    expect(graph.size).toBe(after);
  });

  it("restores slices of a partitioned variable, all of them", async () => {
    const { saver, session, values } = await otherModel((graph) => {
      const slice = (start: number) => ({ fullName: "a", fullShape: [2], varOffset: [start], varShape: [1] });
      Variable.create([9], { graph, name: "a/part_0", saveSliceInfo: slice(0) });
      Variable.create([9], { graph, name: "a/part_1", saveSliceInfo: slice(1) });
    });
    const report = await saver.restore(session, "m", { match: "intersect" });
    expect(report).toEqual({ restored: ["a"], missing: [], mismatched: [], unused: ["b"] });
    expect(await values()).toEqual({ "a/part_0": [1], "a/part_1": [2] });
  });

  it("knows variables of an object-based checkpoint by name", async () => {
    const graph = new Graph();
    const scale = Variable.create(0, { graph, name: "scale", useResource: true });
    Variable.create(0, { graph, name: "mine", useResource: true });
    const session = new LocalSession(graph);
    const path = `${goldensFolder}object-based/ckpt-2`;
    const report = await new Saver({ graph }).restore(session, path, { match: "intersect" });
    expect(report).toMatchObject({ restored: ["scale"], missing: ["mine"] });
    expect(report.unused).toContain("step/.ATTRIBUTES/VARIABLE_VALUE");
    expect(report.unused).not.toContain("_CHECKPOINTABLE_OBJECT_GRAPH");
    expect((await session.run(scale.snapshot)).data).toEqual(Float32Array.of(2));
  });

  it("knows the variables of a graph that was imported into a scope", async () => {
    const { storage, saver: old, session: oldSession } = await smallModel();
    await old.save(oldSession, "m");
    const graph = new Graph();
    const saver = (await importMetaGraph("m.meta", { graph, storage, importScope: "im" })) as Saver;
    const session = new LocalSession(graph, { storage });
    expect(await saver.restore(session, "m", { match: "intersect" })).toMatchObject({ restored: ["a", "b"] });
    expect((await session.run("im/a:0")).data).toEqual(Float32Array.of(1, 2));
  });

  it("considers only the saver's variables, not others of the graph", async () => {
    const { graph, a, saver, session, storage } = await smallModel({ varList: undefined });
    await saver.save(session, "all");
    Variable.create([1], { graph, name: "late" });
    expect(await saver.restore(session, "all", { match: "intersect" })).toMatchObject({ restored: ["a", "b"] });
    const ofA = new Saver({ graph, storage, varList: [a] });
    expect(await ofA.restore(session, "all", { match: "intersect" })).toMatchObject({ restored: ["a"], unused: ["b"] });
  });

  it("uses the variables and names of an imported saver", async () => {
    const { a, b, session, storage } = await smallModel();
    const original = new Saver({ graph: session.graph, storage, name: "mine", varList: { xa: a, xb: b } });
    await original.save(session, "mine");
    await new Saver({ graph: session.graph, storage, varList: { xa: a } }).save(session, "half");
    const graph = new Graph();
    const saver = (await importMetaGraph("mine.meta", { graph, storage })) as Saver;
    const imported = new LocalSession(graph, { storage });
    expect(await saver.restore(imported, "half", { match: "intersect" })).toEqual({
      restored: ["xa"],
      missing: ["xb"],
      mismatched: [],
      unused: [],
    });
    expect((await imported.run("a:0")).data).toEqual(Float32Array.of(1, 2));
    expect(await errorOf(() => imported.run("b:0"))).toMatchObject({ kind: "FailedPreconditionError" });
    expect(await saver.restore(imported, "mine", { match: "intersect" })).toMatchObject({ restored: ["xa", "xb"] });
    expect((await imported.run("b:0")).data).toEqual(Int32Array.of(3));
  });

  it.each([false, true])("matches the tensors that a custom builder stores (sharded: %s)", async (sharded) => {
    const { graph, a, session, storage } = await smallModel();
    const save = new Saver({ graph, storage, varList: [a], builder: new Bfloat16SaverBuilder(), sharded });
    await save.save(session, "half");
    const other = new Graph();
    const restored = Variable.create([0, 0], { graph: other, name: "a" });
    Variable.create([0], { graph: other, name: "head" });
    const saver = new Saver({ graph: other, storage, builder: new Bfloat16SaverBuilder(), sharded });
    const otherSession = new LocalSession(other, { storage });
    expect(await saver.restore(otherSession, "half", { match: "intersect" })).toMatchObject({
      restored: ["a"],
      missing: ["head"],
    });
    expect(await otherSession.run(restored.snapshot)).toEqual(toTensor([1, 2]));
  });

  it("still fails for damage, and where there is no checkpoint", async () => {
    const { saver, session, storage } = await otherModel((graph) => void Variable.create([9, 9], { graph, name: "a" }));
    expect(await errorOf(() => saver.restore(session, "no", { match: "intersect" }))).toMatchObject({
      kind: "ValueError",
    });
    const index = await storage.create("m.index");
    await index.write([Uint8Array.of(1, 2, 3)]);
    await index.close();
    const error = await errorOf(() => saver.restore(session, "m", { match: "intersect" }));
    expect(error).toMatchObject({ kind: "DataLossError", path: "m.index" });
  });
});

it("a restore that fits exactly reports nothing", async () => {
  const { saver, session, a } = await smallModel();
  await saver.save(session, "m");
  await a.load(toTensor([0, 0]), session);
  expect(await saver.restore(session, "m")).toBeUndefined();
});

it("match accepts only its two values", async () => {
  const { saver, session } = await smallModel();
  await saver.save(session, "m");
  const error = await errorOf(() => saver.restore(session, "m", { match: "intersection" as "intersect" }));
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toContain('"exact" or "intersect", not intersection');
});
