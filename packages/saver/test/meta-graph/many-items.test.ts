import { bytesEqual } from "@tfsaver/core";
import { constant, Graph, GraphKeys, importGraphDef } from "@tfsaver/graph";
import { exportMetaGraph, importMetaGraph } from "@tfsaver/saver";
import { expect, it } from "vitest";
import { smallModel } from "../model.js";

/** More items than a call can have arguments. */
const MANY = 150_000;

it("a collection of 150,000 items is exported and imported", async () => {
  const { graph, saver } = await smallModel();
  const items = Array.from({ length: MANY }, (_, i) => BigInt(i));
  for (const item of items) graph.addToCollection("items", item);
  const metaGraph = await saver.exportMetaGraph();
  const again = new Graph();
  await importMetaGraph(metaGraph, { graph: again });
  expect(again.collection("items")).toEqual(items);
});

it("an operation that waits for 150,000 others is exported and imported", () => {
  const graph = new Graph();
  const one = constant(1, { graph, name: "one" });
  const controlInputs = Array.from({ length: MANY }, (_, i) =>
    graph.createOperation("NoOp", { name: `n${i}`, controlInputs: i === 0 ? [one.op] : [] }),
  );
  graph.createOperation("NoOp", { name: "all", controlInputs });
  const graphDef = graph.toGraphDef();
  expect(graphDef.node.at(-1)?.input).toHaveLength(MANY);
  const again = new Graph();
  importGraphDef(again, graphDef);
  expect(again.operation("all").controlInputs.size).toBe(MANY);
});

it("a graph with 150,000 savers in its collection is exported", async () => {
  const { graph, saver } = await smallModel();
  const def = saver.asSaverDef();
  for (let i = 0; i < MANY; i++) graph.addToCollection(GraphKeys.SAVERS, def);
  const { collectionDef } = await exportMetaGraph({ graph });
  const values = collectionDef.get("savers")?.bytesList?.value ?? [];
  expect(values).toHaveLength(MANY);
  expect(bytesEqual(values[0] as Uint8Array, values.at(-1) as Uint8Array)).toBe(true);
});
