import type { NodeDef } from "@tfsaver/proto/graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { GraphIndex } from "../../src/model/graph/graph-index.js";
import { listGraph, sortGraph } from "../../src/worker/handlers/graph/list-graph.js";

/** Makes a meta graph of nodes, each with its type and inputs. */
export function metaGraphOf(
  nodes: Readonly<Record<string, readonly [type: string, ...inputs: string[]]>>,
): MetaGraphDef {
  const node = Object.entries(nodes).map(
    ([name, [op, ...input]]): NodeDef => ({ name, op, input, device: "", attr: new Map() }),
  );
  const empty = MetaGraphDef.decode(new Uint8Array());
  return { ...empty, graphDef: { node, version: 0 } };
}

/** Makes the index of a graph, as the page has it. */
export function indexOf(metaGraph: MetaGraphDef): GraphIndex {
  return new GraphIndex({
    ...listGraph(sortGraph(metaGraph)),
    id: 1,
    file: "m.meta",
    part: { metaGraph: 0, functionName: undefined },
    metaGraphs: [[]],
    functions: [],
    damagedFunctions: 0,
  });
}
