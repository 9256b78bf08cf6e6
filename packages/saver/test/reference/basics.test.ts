import { type DType, makeTensor, toTensor } from "@tfsaver/core";
import { Graph, GraphKeys, PartitionedVariable, Variable } from "@tfsaver/graph";
import { GraphDef } from "@tfsaver/proto/graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import { Saver, type SaverOptions } from "@tfsaver/saver";
import { MutableHashTable, type SaveableObject, type VarList } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { firstDifference } from "../../../../fixtures/bytes.js";
import { errorOf, filesIn, initializedSession, nestedValues, valuesOf } from "../model.js";

/** Ways to pass everything in the graph to a saver. */
const FORMS = ["a dictionary", "a list", "nothing at all"] as const;

interface Start {
  readonly useResource: boolean;
  readonly values: readonly [number, number];
  readonly form: (typeof FORMS)[number];
}

/** Two variables and a table of words. */
function wordModel({ useResource, values, form }: Start) {
  const graph = new Graph();
  const variables = values.map((value, i) => Variable.create(value, { graph, name: `v${i}`, useResource }));
  const table = MutableHashTable.create({
    graph,
    name: "v2",
    keyDtype: "string",
    valueDtype: "float32",
    defaultValue: -1,
  });
  const [v0, v1] = variables as [Variable, Variable];
  const [saveable] = graph.collection(GraphKeys.SAVEABLE_OBJECTS) as [SaveableObject];
  const varLists: Record<Start["form"], VarList | undefined> = {
    "a dictionary": { v0, v1, v2: table },
    "a list": [v0, v1, saveable],
    "nothing at all": undefined,
  };
  return { graph, variables, table, varList: varLists[form] };
}

describe.each(FORMS)("a saver created from %s", (form) => {
  it.each([false, true])("restores uninitialized and initialized variables (resource: %s)", async (useResource) => {
    const storage = new MemoryStorage();
    const first = wordModel({ useResource, form, values: [10, 20] });
    const saver = new Saver({ graph: first.graph, varList: first.varList, storage });
    const session = await initializedSession(first.graph, storage);
    await session.run(first.table.insert(["k1"], [30]));
    expect(await saver.save(session, "basics")).toBe("basics");

    for (const isInitialized of [false, true]) {
      const { graph, variables, table, varList } = wordModel({ useResource, form, values: [1000, 2000] });
      const other = isInitialized ? await initializedSession(graph, storage) : new LocalSession(graph, { storage });
      if (isInitialized) {
        await other.run(table.insert(["k1", "newer"], [3000, 1]));
        expect(await valuesOf(other, variables)).toEqual([1000, 2000]);
      } else {
        expect(await errorOf(() => valuesOf(other, variables))).toMatchObject({ kind: "FailedPreconditionError" });
      }
      await new Saver({ graph, storage, varList }).restore(other, "basics");
      expect(await valuesOf(other, variables)).toEqual([10, 20]);
      const { keys, values } = table.export();
      expect((await other.run([keys, values])).map(nestedValues)).toEqual([["k1"], [30]]);
    }
  });
});

describe("a saver's operations", () => {
  it("take the parts of a resource variable from the processor of the task that they are on", () => {
    const graph = new Graph();
    const whole = graph.withDevice("/job:ps/device:GPU:0", () =>
      PartitionedVariable.create([[1], [2], [3]], { graph, name: "p", partitions: 3, useResource: true }),
    );
    const saver = new Saver({ graph, varList: [whole] });
    const [, , , ...data] = graph.operation("save/SaveV2").inputs;
    // The behaviour page, 5.9.
    expect(data.map(({ device }) => device)).toEqual(new Array(3).fill("/job:ps/device:CPU:0"));
    expect(saver.asSaverDef()?.restoreOpName).toBe("save/restore_all");
  });

  it("are the same each time for the same variables", () => {
    const built = Array.from({ length: 10 }, () => {
      const graph = new Graph();
      for (let i = 0; i < 20; i++) Variable.create(i, { graph, name: `v${i}`, useResource: true });
      new Saver({ graph });
      return GraphDef.encode(graph.toGraphDef());
    });
    for (const bytes of built) expect(bytes).toEqual(built[0]);
  });

  it.each(["list", "dictionary"])("are all in a scope of their own within the one around (told by a %s)", (form) => {
    const graph = new Graph();
    const variables = ["a", "b"].map((name) => Variable.create([1], { graph, name, useResource: true }));
    const [a, b] = variables as [Variable, Variable];
    const before = graph.size;
    graph.withNameScope("outer", () => new Saver({ graph, varList: form === "list" ? [a, b] : { a, b } }));
    const names = graph.operations.slice(before).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(name).toMatch(/^outer\/save\//);
  });

  it("have the name of the file that was given, as long as no other is fed", async () => {
    const graph = new Graph();
    Variable.create([1], { graph, name: "v" });
    const saver = new Saver({ graph, filename: "somewhere/model" });
    const { filenameTensorName } = saver.asSaverDef() as SaverDef;
    const session = new LocalSession(graph);
    expect(nestedValues(await session.run(graph.output(filenameTensorName)))).toBe("somewhere/model");
  });
});

/** One variable, its saver and a session in which it is initialized. */
async function oneVariable(
  value: Parameters<typeof toTensor>[0],
  options: SaverOptions & { useResource?: boolean } = {},
) {
  const { useResource = false, storage = new MemoryStorage(), ...rest } = options;
  const graph = new Graph();
  const v = Variable.create(value, { graph, name: "v", useResource });
  const saver = new Saver({ graph, storage, onWarning: () => {}, ...rest });
  return { graph, v, saver, storage, session: await initializedSession(graph, storage) };
}

describe("restoring", () => {
  it.each([1, 2])("a missing checkpoint fails before anything is read (format V%s)", async (writeVersion) => {
    const { saver, session } = await oneVariable(1, { writeVersion });
    expect(await errorOf(() => saver.restore(session, "nowhere/model"))).toMatchObject({
      kind: "ValueError",
      message: expect.stringMatching(/^The passed save_path is not a valid checkpoint: nowhere\/model/),
    });
  });

  it.each([false, true])("keeps all 64 bits of an integer (resource: %s)", async (useResource) => {
    const value = -(2n ** 63n) + 15n;
    const { graph, v, saver, session, storage } = await oneVariable(toTensor(value), { useResource });
    expect(await saver.save(session, "int64")).toBe("int64");
    const other = new LocalSession(graph, { storage });
    const error = await errorOf(() => valuesOf(other, [v]));
    expect(error.message).toMatch(useResource ? /Could not find variable v|uninitialized/ : /uninitialized value v/);
    await saver.restore(other, "int64");
    expect(await valuesOf(other, [v])).toEqual([value]);
  });

  it("reshapes a matrix, row by row, on request only", async () => {
    const { saver, session, storage } = await oneVariable([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    await saver.save(session, "reshape");
    const tall = await oneVariable(
      [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      { storage },
    );
    expect((await errorOf(() => tall.saver.restore(tall.session, "reshape"))).message).toContain(
      "Assign requires shapes of both tensors to match.",
    );
    await new Saver({ graph: tall.graph, storage, reshape: true }).restore(tall.session, "reshape");
    expect(await valuesOf(tall.session, [tall.v])).toEqual([
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ]);
  });

  it.each([false, true])("refuses a variable of another dtype (resource: %s)", async (useResource) => {
    const dtypes: readonly DType[] = ["float32", "float64", "int32", "int64", "uint8", "bool", "complex64"];
    const storage = new MemoryStorage();
    for (const [i, dtype] of dtypes.entries()) {
      const zero = (of: DType) => toTensor(of === "bool" ? [false] : of === "complex64" ? [[0, 0]] : [0], of, [1]);
      const { saver, session } = await oneVariable(zero(dtype), { useResource, storage });
      await saver.save(session, dtype);
      const wrong = await oneVariable(zero(dtypes[(i + 1) % dtypes.length] as DType), { useResource, storage });
      expect(await errorOf(() => wrong.saver.restore(wrong.session, dtype))).toMatchObject({
        kind: "InvalidArgumentError",
        message: expect.stringContaining("original dtype"),
      });
    }
  });

  it("brings back a tensor of more than 2 ** 24 elements, from a path where a folder is too", async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("large");
    const data = Uint8Array.from({ length: 2 ** 24 + 7 }, (_, i) => i % 251);
    const value = makeTensor("uint8", [data.length], data);
    const { graph, v, saver, session } = await oneVariable(value, { storage, useResource: true });
    expect(await saver.save(session, "large", { writeMetaGraph: false })).toBe("large");
    const other = new LocalSession(graph, { storage });
    await saver.restore(other, "large");
    expect(firstDifference((await other.run(v.snapshot)).data as Uint8Array, data)).toBe(-1);
    expect(await filesIn(storage)).toEqual(["checkpoint", "large", "large.data-00000-of-00001", "large.index"]);
  });

  it("says that the graph has changed if a variable has another shape", async () => {
    const { saver, session, storage } = await oneVariable([1, 2]);
    await saver.save(session, "m");
    const other = await oneVariable([1, 2, 3], { storage });
    expect((await errorOf(() => other.saver.restore(other.session, "m"))).message).toContain(
      "a mismatch between the current graph and the graph from the checkpoint",
    );
  });

  it("names a missing variable, without internals", async () => {
    const { saver, session, storage, v } = await oneVariable([1, 2]);
    await saver.save(session, "m");
    const { message, kind } = await errorOf(() =>
      new Saver({ graph: v.graph, storage, varList: { b: v } }).restore(session, "m"),
    );
    expect(kind).toBe("NotFoundError");
    expect(message).toContain("Key b not found in checkpoint");
    expect(message).not.toContain("NewCheckpointReader");
    expect(message).not.toContain("_CHECKPOINTABLE_OBJECT_GRAPH");
  });
});

it.each([
  [false, "m-5"],
  [true, "m-00000005"],
])("a step is taken from a number or from a tensor (padded: %s)", async (padStepNumber, path) => {
  const { graph, saver, session } = await oneVariable(1, { padStepNumber });
  const step = Variable.create(toTensor(5n), { graph, name: "step", trainable: false });
  await session.run(step.initializer);
  for (const globalStep of [5, 5n, step, step.snapshot, "step:0"]) {
    expect(await saver.save(session, "m", { globalStep })).toBe(path);
  }
});
