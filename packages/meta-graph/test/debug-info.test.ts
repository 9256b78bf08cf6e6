import { Graph } from "@tfsaver/graph";
import { GraphDebugInfo } from "@tfsaver/proto/meta-graph";
import { expect, it } from "vitest";
import { debugInfoOf } from "../src/index.js";

it("names every node of the graph, and one empty trace", () => {
  const graph = new Graph();
  for (const name of ["a", "b/c"]) graph.createOperation("NoOp", { name });
  const info = GraphDebugInfo.decode(GraphDebugInfo.encode(debugInfoOf(graph.toGraphDef())));
  // A key is the name, `@`, and the function that contains the node: none here.
  expect([...info.nameToTraceId.keys()]).toEqual(["a@", "b/c@"]);
  expect(new Set(info.nameToTraceId.values())).toEqual(new Set([...info.tracesById.keys()]));
  expect([...info.tracesById.values()].map(({ frameId }) => frameId)).toEqual([[]]);
});
