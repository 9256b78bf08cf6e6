import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TrackableObjectGraph } from "@tfsaver/checkpoint-proto/object-graph";
import { OBJECT_GRAPH_KEY } from "@tfsaver/checkpoint-reader";
import { makeTensor, toTensor } from "@tfsaver/core";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runInOwnProcess } from "../../../tests/own-process.js";

type Node = TrackableObjectGraph["nodes"][number];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-hostile-models-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Restores a checkpoint into a model and its optimizer, in both ways. Prints what came of each, and if a value changed. */
const PROGRAM = `
  import * as tf from "./packages/tfjs/node_modules/@tensorflow/tfjs";
  import { Checkpoint } from "./packages/object-checkpoint/src/index.ts";
  import { loadWeights, trackable } from "./packages/tfjs/src/index.ts";
  import { sequentialModel } from "./packages/tfjs/test/models.ts";
  const model = sequentialModel();
  model.compile({ optimizer: tf.train.momentum(0.1, 0.9), loss: "meanSquaredError" });
  const node = trackable(model);
  const values = () => JSON.stringify([model.getWeights().map((weight) => [...weight.dataSync()]), model.optimizer.iterations]);
  const before = values();
  const outcomes = [];
  const attempt = async (run) => {
    try { await run(); outcomes.push("done"); } catch (error) {
      outcomes.push(error.kind ?? String(error));
      if (error.message.length > 5000) outcomes.push("a message of " + error.message.length);
    }
  };
  await attempt(async () => (await new Checkpoint({ model: node }).read(input)).assertExistingObjectsMatched());
  await attempt(() => loadWeights(model, input));
  await attempt(() => loadWeights(model, input, { strict: false }));
  if (values() !== before) outcomes.push("changed");
  console.log(outcomes.join(" "));
`;

async function outcome(name: string, nodes: readonly Node[] | Uint8Array): Promise<string> {
  const prefix = join(folder, name);
  const writer = new BundleWriter(prefix);
  await writer.add("v", toTensor(1));
  const bytes = nodes instanceof Uint8Array ? nodes : TrackableObjectGraph.encode({ nodes: [...nodes] });
  await writer.add(OBJECT_GRAPH_KEY, makeTensor("string", [], [bytes]));
  await writer.finish();
  return (await runInOwnProcess(PROGRAM, prefix)).trim().split("\n").at(-1) ?? "";
}

const node = (children: readonly (readonly [string, number])[], name?: string, key = "v"): Node => ({
  children: children.map(([localName, nodeId]) => ({ localName, nodeId })),
  attributes: name === undefined ? [] : [{ name: "VARIABLE_VALUE", fullName: name, checkpointKey: key }],
  slotVariables: [],
});

/** The edges of a model, its layers and its optimizer. */
const EDGES = [
  ...["model", "_functional", "_operations", "layer_with_weights-0", "layer_with_weights-1", "layer-0", "optimizer"],
  ...["_variables", "_iterations", "momentums", "0", "1", "2", "kernel", "_kernel", "bias"],
];

/** Nothing fits, so the assertion and \`loadWeights\` fail, and nothing is loaded. */
const NOTHING = "AssertionError NotFoundError done";

it("a child that is not there is refused", async () => {
  const nodes = [node([["model", 1]]), node([["layer_with_weights-0", 9]])];
  expect(await outcome("child", nodes)).toBe("DataLossError DataLossError DataLossError");
});

it("circles through every edge of a model match nothing", async () => {
  const all = Array.from({ length: 50 }, () => node(EDGES.map((name, i) => [name, (i * 7) % 50])));
  expect(await outcome("circles", all)).toBe(NOTHING);
});

it("a circle to the model itself matches nothing", async () => {
  expect(await outcome("self", [node(EDGES.map((name) => [name, 0]))])).toBe(NOTHING);
});

it("ten million children are refused", async () => {
  const children = new Uint8Array(20_000_000);
  for (let i = 0; i < children.length; i += 2) children[i] = 10;
  const length = [0x80 | (children.length & 127), 0x80 | ((children.length >> 7) & 127)];
  const rest = [0x80 | ((children.length >> 14) & 127), (children.length >> 21) & 127];
  const bytes = Uint8Array.from([10, ...length, ...rest, ...children]);
  expect(await outcome("children", bytes)).toBe("DataLossError DataLossError DataLossError");
});

it("twenty thousand models that share a layer of 200,000 children match within the limits", async () => {
  const models = 20_000;
  const shared = models + 1;
  const nodes = [
    node(Array.from({ length: models }, (_, i) => [`m${i}`, i + 1])),
    ...Array.from({ length: models }, () => node([["layer_with_weights-0", shared]])),
    node(Array.from({ length: 200_000 }, (_, i) => [`c${i}`, 0])),
  ];
  expect(await outcome("shared", nodes)).toBe(NOTHING);
});

it("a chain of tens of thousands of layers matches nothing", async () => {
  const nodes = Array.from({ length: 60_000 }, (_, i) => node(i < 59_999 ? [["layer_with_weights-0", i + 1]] : []));
  expect(await outcome("chain", nodes)).toBe(NOTHING);
});

it("slots of every variable match nothing", async () => {
  const slots = Array.from({ length: 60_000 }, (_, i) => ({
    ...{ originalVariableNodeId: i, slotName: "momentum", slotVariableNodeId: i },
  }));
  const nodes: Node[] = slots.map(() => node([]));
  nodes[0] = { ...node([["model", 1]]), slotVariables: slots };
  expect(await outcome("slots", nodes)).toBe(NOTHING);
});

it("names that mean something to JavaScript, long ones and those with control characters are only names", async () => {
  const long = "x".repeat(20_000);
  const names = ["__proto__", "constructor", "\u001b[2J", "../../v", "", long];
  const objects = Array.from({ length: 600 }, (_, i) => `${long}/${i}/a/kernel`);
  const variables = [...names, ...objects].map((name) => node([["toString", 0]], name, name === long ? long : "v"));
  const nodes = [node([...names, ...objects].map((name, i) => [name, i + 1])), ...variables];
  expect(await outcome("names", nodes)).toBe(NOTHING);
});
