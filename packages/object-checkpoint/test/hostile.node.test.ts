import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TrackableObjectGraph } from "@tfsaver/checkpoint-proto/object-graph";
import { OBJECT_GRAPH_KEY } from "@tfsaver/checkpoint-reader";
import { makeTensor, type Tensor, toTensor } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { runInOwnProcess } from "../../../tests/own-process.js";
import { encodeMessage, type Field, messageField, numberField } from "../../../tools/fuzz/messages.js";
import { Checkpoint, objectGraph } from "../src/index.js";
import { variableOf } from "./build-objects.js";

const text = (number: number, value: string): Field => ({ number, wire: 2, value: new TextEncoder().encode(value) });
const child = (id: bigint, name: string) => messageField(1, numberField(1, id), text(2, name));
const attribute = (name: string, key: string) => messageField(2, text(1, name), text(3, key));
const slot = (variable: bigint, name: string, value: bigint) =>
  messageField(3, numberField(1, variable), text(2, name), numberField(3, value));
const node = (...fields: Field[]) => messageField(1, ...fields);
const string = (bytes: Uint8Array) => makeTensor("string", [], [bytes]);

async function checkpointWith(graph: Tensor, storage = new MemoryStorage()): Promise<MemoryStorage> {
  const writer = new BundleWriter("x", { storage });
  await writer.add("v/.ATTRIBUTES/VARIABLE_VALUE", toTensor(1));
  await writer.add(OBJECT_GRAPH_KEY, graph);
  await writer.finish();
  return storage;
}

describe("a damaged object graph", () => {
  it.each<[string, Tensor, string]>([
    ["without objects", string(new Uint8Array()), "it has no objects"],
    [
      "with a child that is not there",
      string(encodeMessage([node(child(7n, "v"))])),
      "the child 'v' of object 0 is object 7",
    ],
    [
      "with a negative child",
      string(encodeMessage([node(child(2n ** 64n - 1n, "v"))])),
      "the child 'v' of object 0 is object -1",
    ],
    [
      "with a slot of no variable",
      string(encodeMessage([node(slot(9n, "m", 0n))])),
      "the variable of a slot 'm' of object 0",
    ],
    [
      "with a slot without a value",
      string(encodeMessage([node(slot(0n, "m", 9n))])),
      "the slot variable 'm' of object 0",
    ],
    ["that is no message", string(new TextEncoder().encode("no message")), OBJECT_GRAPH_KEY],
    ["that is cut off", string(encodeMessage([node(child(0n, "v"))]).subarray(0, 4)), "truncated"],
    ["that is not a string", toTensor(3), "is not a single string"],
    ["of several strings", makeTensor("string", [2], [new Uint8Array(), new Uint8Array()]), "is not a single string"],
  ])("%s is a DataLossError, and changes nothing", async (_, graph, message) => {
    const storage = await checkpointWith(graph);
    const v = variableOf(8, "float32");
    const checkpoint = new Checkpoint({ v }, { storage });
    for (const call of [
      () => checkpoint.read("x"),
      () => checkpoint.restore("x"),
      () => objectGraph("x", { storage }),
    ]) {
      expect(await rejection(call())).toMatchObject({
        kind: "DataLossError",
        path: "x",
        tensor: OBJECT_GRAPH_KEY,
        message: expect.stringContaining(message),
      });
    }
    expect(v.value.data[0]).toBe(8);
    await checkpoint.write("other");
  });

  it("whose key is not in the file is named by its object", async () => {
    const graph = encodeMessage([
      node(child(1n, "v")),
      node(attribute("VARIABLE_VALUE", "gone/.ATTRIBUTES/VARIABLE_VALUE")),
    ]);
    const storage = await checkpointWith(string(graph));
    const error = await rejection(new Checkpoint({ v: variableOf(8, "float32") }, { storage }).read("x"));
    expect(error).toMatchObject({ kind: "NotFoundError", tensor: "gone/.ATTRIBUTES/VARIABLE_VALUE" });
    expect(error.message).toContain("Object: (root).v");
  });

  it("with a key of no form is refused only where another key is derived from it", async () => {
    const graph = encodeMessage([node(child(1n, "v")), node(attribute("other", "no form"))]);
    const storage = await checkpointWith(string(graph));
    expect(await rejection(new Checkpoint({ v: variableOf(8, "float32") }, { storage }).read("x"))).toMatchObject({
      kind: "DataLossError",
      message: expect.stringContaining("the key no form in the object graph has no /.ATTRIBUTES/"),
    });
  });

  it("with circles and shared slots is matched once for each object", async () => {
    const graph = encodeMessage([
      node(child(1n, "v"), child(0n, "self"), child(1n, "again"), slot(1n, "m", 1n), slot(1n, "m", 0n)),
      node(child(0n, "root"), attribute("VARIABLE_VALUE", "v/.ATTRIBUTES/VARIABLE_VALUE")),
    ]);
    const storage = await checkpointWith(string(graph));
    const v = variableOf(8, "float32");
    const status = await new Checkpoint({ v }, { storage }).read("x");
    expect(v.value.data[0]).toBe(1);
    status.assertExistingObjectsMatched();
  });
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-hostile-objects-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Restores a checkpoint, asserts, lists its objects, and prints what came of it. */
const PROGRAM = `
  import { Checkpoint, objectGraph } from "./packages/object-checkpoint/src/index.ts";
  import { HostVariable } from "./packages/saver-builders/src/index.ts";
  const v = new HostVariable(8, { name: "v" });
  const a = {}; a.a = a;
  const kinds = [];
  const attempt = async (run) => {
    try { await run(); kinds.push("done"); } catch (error) { kinds.push(error.kind ?? String(error)); }
  };
  await attempt(async () => (await new Checkpoint({ v, a }).read(input)).assertConsumed());
  await attempt(async () => {
    const seen = new Set([await objectGraph(input)]);
    let length = 0;
    for (const object of seen) {
      length += object.path.length;
      for (const child of object.children.values()) seen.add(child);
    }
  });
  console.log(kinds.join(" "));
`;

async function outcome(name: string, nodes: ReturnType<typeof TrackableObjectGraph.create>["nodes"] | Uint8Array) {
  const prefix = join(folder, name);
  const writer = new BundleWriter(prefix);
  await writer.add("v", toTensor(1));
  const bytes = nodes instanceof Uint8Array ? nodes : TrackableObjectGraph.encode({ nodes });
  await writer.add(OBJECT_GRAPH_KEY, string(bytes));
  await writer.finish();
  return (await runInOwnProcess(PROGRAM, prefix)).trim();
}

const empty = () => ({ children: [], attributes: [], slotVariables: [] });
const chain = (length: number, name: string) =>
  Array.from({ length }, (_, id) => ({
    ...empty(),
    children: id + 1 < length ? [{ nodeId: id + 1, localName: name }] : [],
    attributes: id + 1 < length ? [] : [{ name: "VARIABLE_VALUE", fullName: "", checkpointKey: "v" }],
  }));

describe("an object graph that asks for more than there is", () => {
  it("of ten million objects of two bytes is refused", async () => {
    const bytes = new Uint8Array(20_000_000);
    for (let i = 0; i < bytes.length; i += 2) bytes[i] = 10;
    expect(await outcome("empty-objects", bytes)).toBe("DataLossError DataLossError");
  });

  it("of ten million children is refused", async () => {
    const children = new Uint8Array(20_000_000);
    for (let i = 0; i < children.length; i += 2) children[i] = 10;
    const head = encodeMessage([{ number: 1, wire: 2, value: children }]);
    expect(await outcome("children", head)).toBe("DataLossError DataLossError");
  });

  it("of tens of thousands of objects in a chain is matched and listed within its limits", async () => {
    expect(await outcome("chain", chain(60_000, "a"))).toBe("AssertionError done");
  });

  it("of long names is listed within its limits", async () => {
    expect(await outcome("names", chain(1000, "x".repeat(20_000)))).toBe("AssertionError done");
  });

  it("in which every object leads to every other is matched and listed within its limits", async () => {
    const all = Array.from({ length: 1200 }, (_, nodeId) => ({ nodeId, localName: `n${nodeId}` }));
    const nodes = all.map(() => ({ ...empty(), children: all }));
    expect(await outcome("complete", nodes)).toBe("AssertionError done");
  });

  it("with slots of every variable is matched within its limits", async () => {
    const slotVariables = Array.from({ length: 60_000 }, (_, i) => ({
      originalVariableNodeId: i,
      slotName: "m",
      slotVariableNodeId: i,
    }));
    const nodes = slotVariables.map(() => empty());
    nodes[0] = { ...empty(), slotVariables } as never;
    expect(await outcome("slots", nodes)).toBe("AssertionError done");
  });
});
