import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { Graph, GraphKeys, PartitionedVariable, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { MutableHashTable, type SaveableObject, type VarList } from "@tfsaver/saver-builders";
import { MemoryStorage } from "@tfsaver/storage";
import { beforeEach, describe, expect, it } from "vitest";
import { errorOf, initializedSession, valuesOf } from "../model.js";

let graph: Graph;
beforeEach(() => {
  graph = new Graph();
});

const variable = (name: string, useResource = false) => Variable.create([1], { graph, name, useResource });
const part = (name: string, fullName: string) =>
  Variable.create([1], {
    graph,
    name,
    saveSliceInfo: { fullName, fullShape: [1], varOffset: [0], varShape: [1] },
  });
const refusal = (varList: VarList) => errorOf(() => new Saver({ graph, varList }));

describe("a saver refuses", () => {
  it("a variable and a part of another variable with the same name, unless they get different names", async () => {
    const [v0, v1, v2] = [variable("v0"), variable("v1"), part("v2", "v1")];
    expect(await refusal([v0, v1, v2])).toMatchObject({
      kind: "ValueError",
      message: expect.stringContaining("same name: v1"),
    });
    expect(() => new Saver({ graph, varList: { v0, v1, other: [v2] } })).not.toThrow();
  });

  it("two variables in parts of one name", async () => {
    const whole = PartitionedVariable.create([1, 2], { graph, name: "p", partitions: 2 });
    const same = new PartitionedVariable([part("q/part_0", "p")]);
    expect(await refusal([whole, same])).toMatchObject({
      kind: "ValueError",
      message: expect.stringContaining("same name: p"),
    });
  });

  it("one variable under two names", async () => {
    const [v0, v2] = [variable("v0"), variable("v2")];
    expect(await refusal({ v0, v1: v0, v2 })).toMatchObject({
      kind: "ValueError",
      message: expect.stringContaining("The same saveable will be restored with two names: v1"),
    });
  });

  it("one saveable under two names, and mentions its own name", async () => {
    const v0 = variable("v0");
    MutableHashTable.create({ graph, name: "v2", keyDtype: "string", valueDtype: "float32", defaultValue: -1 });
    const [v2] = graph.collection(GraphKeys.SAVEABLE_OBJECTS) as [SaveableObject];
    expect(await refusal({ v0, v2, v3: v2 })).toMatchObject({
      kind: "ValueError",
      message: expect.stringContaining("The same saveable will be restored with two names: v2"),
    });
  });
});

describe.each([
  ["variables that are not reshaped", { reshape: false }],
  ["variables that are", { reshape: true }],
])("names in a dictionary, for %s,", (_, { reshape }) => {
  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])("are those in the checkpoint (resource before: %s, after: %s)", async (before, after) => {
    const storage = new MemoryStorage();
    const [v0, v1] = [
      Variable.create(10, { graph, name: "v0", useResource: before }),
      Variable.create(20, { graph, name: "v1", useResource: before }),
    ];
    const saver = new Saver({ graph, storage, varList: { "save_prefix/v0": v0, "save_prefix/v1": v1 } });
    await saver.save(await initializedSession(graph, storage), "renamed");

    const reader = await openCheckpoint("renamed", { storage });
    expect([await reader.has("save_prefix/v0"), await reader.has("v0")]).toEqual([true, false]);
    await reader.close();

    graph = new Graph();
    const same = ["v0", "v1"].map((name) => Variable.create(-1, { graph, name, useResource: after }));
    const unnamed = new Saver({ graph, storage, reshape });
    const session = await initializedSession(graph, storage);
    expect((await errorOf(() => unnamed.restore(session, "renamed"))).message).toContain(
      "Key v0 not found in checkpoint",
    );
    const [s0, s1] = same as [Variable, Variable];
    const named = new Saver({ graph, storage, reshape, varList: { "save_prefix/v0": s0, "save_prefix/v1": s1 } });
    await named.restore(session, "renamed");
    expect(await valuesOf(session, same)).toEqual([10, 20]);

    graph = new Graph();
    const others = ["one", "two"].map((name) => Variable.create(-2, { graph, name, useResource: after }));
    const [one, two] = others as [Variable, Variable];
    const other = await initializedSession(graph, storage);
    await new Saver({ graph, storage, reshape, varList: { "save_prefix/v0": one, "save_prefix/v1": two } }).restore(
      other,
      "renamed",
    );
    expect(await valuesOf(other, others)).toEqual([10, 20]);
  });
});
