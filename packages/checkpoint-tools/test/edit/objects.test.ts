import { dataFilename, indexFilename } from "@tfsaver/checkpoint-names";
import { TrackableObjectGraph } from "@tfsaver/checkpoint-proto/object-graph";
import { listVariables, OBJECT_GRAPH_KEY, openCheckpoint, readObjectGraph } from "@tfsaver/checkpoint-reader";
import { type EditStep, editCheckpoint } from "@tfsaver/checkpoint-tools";
import { makeTensor, toTensor } from "@tfsaver/core";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { putFile } from "../../../../fixtures/storage-files.js";

const VALUE = "/.ATTRIBUTES/VARIABLE_VALUE";

/** An object of a graph, as it is written here. */
interface Written {
  readonly children?: Readonly<Record<string, number>>;
  /** Path of its value. */
  readonly value?: string;
  readonly slots?: readonly (readonly [variable: number, name: string, slot: number])[];
}

/** Writes an object-based checkpoint, in which each value is the number of its object. */
async function storageWith(nodes: readonly Written[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("m", { storage });
  const graph = TrackableObjectGraph.create({
    nodes: nodes.map(({ children = {}, value, slots = [] }) => ({
      children: Object.entries(children).map(([localName, nodeId]) => ({ localName, nodeId })),
      attributes:
        value === undefined ? [] : [{ name: "VARIABLE_VALUE", fullName: value, checkpointKey: value + VALUE }],
      slotVariables: slots.map(([originalVariableNodeId, slotName, slotVariableNodeId]) => ({
        originalVariableNodeId,
        slotName,
        slotVariableNodeId,
      })),
    })),
  });
  for (const [i, { value }] of nodes.entries()) {
    if (value !== undefined) await writer.add(value + VALUE, toTensor(BigInt(i)));
  }
  await writer.add(OBJECT_GRAPH_KEY, makeTensor("string", [], [TrackableObjectGraph.encode(graph)]));
  await writer.finish();
  return storage;
}

/** Edits a checkpoint, and returns the values to which paths of names lead, by path, and the keys. */
async function edited(storage: MemoryStorage, ...steps: EditStep[]) {
  await editCheckpoint("m", "out", { steps, storage });
  const reader = await openCheckpoint("out", { storage });
  const { nodes } = (await readObjectGraph(reader)) as TrackableObjectGraph;
  const values: Record<string, number> = {};
  const slots: Record<string, number> = {};
  const numberOf = async (id: number) => {
    const [attribute] = nodes[id]?.attributes ?? [];
    return attribute && Number((await reader.get(attribute.checkpointKey)).data[0]);
  };
  const seen = new Set<string>();
  const visit = async (id: number, path: string, depth: number): Promise<void> => {
    const value = await numberOf(id);
    if (value !== undefined) values[path] = value;
    for (const { originalVariableNodeId, slotName, slotVariableNodeId } of nodes[id]?.slotVariables ?? []) {
      const of = await numberOf(originalVariableNodeId);
      slots[`${path}: ${slotName} of ${of}`] = (await numberOf(slotVariableNodeId)) as number;
    }
    if (depth < 5 && !seen.has(`${id} ${path}`)) {
      seen.add(`${id} ${path}`);
      for (const { localName, nodeId } of nodes[id]?.children ?? []) {
        await visit(nodeId, path === "" ? localName : `${path}/${localName}`, depth + 1);
      }
    }
  };
  await visit(0, "", 0);
  const keys = (await listVariables("out", { storage }))
    .map(({ name }) => name)
    .filter((name) => name !== OBJECT_GRAPH_KEY);
  // Every key of the graph is stored, and the other way round.
  const inGraph = nodes.flatMap(({ attributes }) => attributes.map(({ checkpointKey }) => checkpointKey));
  expect(inGraph.sort()).toEqual(keys);
  await reader.close();
  return { values, slots, keys: keys.map((key) => key.replace(VALUE, "")), nodes };
}

/** A model with an optimizer, a variable of two names, and a cycle. */
const MODEL: readonly Written[] = [
  { children: { model: 1, opt: 2, save_counter: 3 } },
  { children: { layer: 4, tied: 5, me: 1 } },
  { children: { beta: 6 }, slots: [[5, "m", 7]] },
  { value: "save_counter" },
  { children: { w: 5, "a/b": 8 } },
  { value: "model/tied" },
  { value: "opt/beta" },
  { value: "model/tied/.OPTIMIZER_SLOT/opt/m" },
  { value: "model/layer/a.Sb" },
];

describe("an edit of objects", () => {
  it("moves an object with all below it: shared variables, cycles, slots and escaped names follow", async () => {
    const { values, slots, keys } = await edited(await storageWith(MODEL), { rename: "s/^model\\//net\\/inner\\//" });
    expect(values).toMatchObject({
      save_counter: 3,
      "net/inner/tied": 5,
      "net/inner/me/tied": 5,
      "net/inner/layer/w": 5,
      "net/inner/layer/a/b": 8,
      "opt/beta": 6,
    });
    expect(slots).toEqual({ "opt: m of 5": 7 });
    expect(keys).toEqual([
      "net/inner/layer/a.Sb",
      "net/inner/tied",
      "net/inner/tied/.OPTIMIZER_SLOT/opt/m",
      "opt/beta",
      "save_counter",
    ]);
  });

  it("renames one variable, of a shared one the name that the pattern matches", async () => {
    const { values, keys } = await edited(await storageWith(MODEL), { rename: "s/tied$/kernel/" });
    expect(values).toMatchObject({ "model/kernel": 5, "model/layer/w": 5 });
    expect(values).not.toHaveProperty("model/tied");
    expect(keys).toContain("model/kernel/.OPTIMIZER_SLOT/opt/m");
  });

  it("puts two objects together, unless they share a name", async () => {
    const storage = await storageWith([
      { children: { a: 1, b: 2 } },
      { children: { x: 3 } },
      { children: { y: 4 } },
      { value: "a/x" },
      { value: "b/y" },
    ]);
    expect((await edited(storage, { rename: "s/^[ab]\\///" })).values).toEqual({ x: 3, y: 4 });
    await expect(
      editCheckpoint("m", "o", { storage, steps: [{ rename: "s/[xy]$/z/" }, { rename: "s/^b/a/" }] }),
    ).rejects.toThrow("a/z/.ATTRIBUTES/VARIABLE_VALUE and b/z/.ATTRIBUTES/VARIABLE_VALUE would both become a/z");
  });

  it("copies a variable with its slots", async () => {
    const { values, slots } = await edited(await storageWith(MODEL), {
      map: { "model/tied": ["model/tied", "copy/w"] },
    });
    expect(values).toMatchObject({ "model/tied": 5, "copy/w": 5, "model/layer/w": 5 });
    expect(slots).toEqual({ "opt: m of 5": 7 });
  });

  it("adds a scope to all but the counter of saves", async () => {
    const { values, slots, keys } = await edited(await storageWith(MODEL), { addScope: "big/one" });
    expect(values).toMatchObject({ save_counter: 3, "big/one/model/tied": 5, "big/one/opt/beta": 6 });
    expect(slots).toEqual({ "big/one/opt: m of 5": 7 });
    expect(keys).toContain("big/one/model/tied/.OPTIMIZER_SLOT/big/one/opt/m");
  });

  it("drops a variable with its slots, and objects that held nothing else", async () => {
    const { values, slots, nodes } = await edited(await storageWith(MODEL), { drop: ["model/tied", "opt/*"] });
    expect(values).toMatchObject({ save_counter: 3, "model/layer/a/b": 8 });
    expect(slots).toEqual({});
    expect(nodes).toHaveLength(5);
    // Presence matters: a serialized BoolValue.
    for (const { hasCheckpointValues } of nodes) expect(hasCheckpointValues).toEqual(Uint8Array.of(8, 1));
  });

  it("drops an optimizer; a variable that had its key from it gets one of another path", async () => {
    const storage = await storageWith([
      { children: { model: 1, optimizer: 2 } },
      { children: { inner: 3 } },
      { children: { _iterations: 4, _variables: 5 } },
      { children: { kernel: 6 } },
      { value: "optimizer/_iterations" },
      { children: { 0: 6 } },
      { value: "optimizer/_variables/0" },
    ]);
    const { values, keys } = await edited(storage, { dropOptimizer: true });
    expect(values).toEqual({ "model/inner/kernel": 6 });
    expect(keys).toEqual(["model/inner/kernel"]);
  });

  it("adds, sets and merges variables as objects", async () => {
    const storage = await storageWith(MODEL);
    await editCheckpoint("m", "other", {
      storage,
      steps: [{ keep: ["save_counter", "opt/beta"] }, { addScope: "model" }],
    });
    const { values } = await edited(
      storage,
      { set: "model/tied", value: toTensor(50n) },
      { set: "model/new/v", value: toTensor(60n) },
      { merge: "other" },
    );
    expect(values).toMatchObject({ "model/tied": 50, "model/layer/w": 50, "model/new/v": 60, "model/opt/beta": 6 });
  });

  it("selects by key, path, or the name of a graph", async () => {
    const storage = new MemoryStorage();
    for (const name of [indexFilename("ckpt-1"), dataFilename("ckpt-1", 0, 1)]) {
      await putFile(storage, name, await readFile(defaultStorage(), `${goldensFolder}object-based/${name}`));
    }
    const one = async (pattern: string) => {
      const { plan } = await editCheckpoint("ckpt-1", "o", { storage, steps: [{ keep: [pattern] }], dryRun: true });
      return plan.tensors.map(({ name }) => name);
    };
    for (const name of ["step/.ATTRIBUTES/VARIABLE_VALUE", "step", "global_step", "global*"]) {
      expect(await one(name)).toEqual(["step/.ATTRIBUTES/VARIABLE_VALUE"]);
    }
  });
});
