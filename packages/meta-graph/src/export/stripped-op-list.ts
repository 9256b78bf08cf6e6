import type { Graph } from "@tfsaver/graph";
import { type GraphDef, type NodeDef, OpList } from "@tfsaver/proto/graph";
import { functionsOf } from "./library-functions.js";

/**
 * Lists the known definitions of the operations that a graph and the functions it calls use, sorted by name
 * (`stripped_op_list_for_graph`).
 *
 * @param graph - the graph whose definitions count
 * @throws `DataLossError` if the function library is damaged.
 *
 * @example
 * ```ts
 * import { constant, Graph, identity } from "@tfsaver/graph";
 * import { strippedOpList } from "@tfsaver/meta-graph";
 *
 * const graph = new Graph();
 * identity(constant(1, { graph }));
 * console.log(strippedOpList(graph.toGraphDef(), graph).op.map(({ name }) => name)); // [ "Const", "Identity" ]
 * ```
 */
export function strippedOpList(graphDef: GraphDef, graph: Graph): OpList {
  const functions = functionsOf(graphDef);
  const used = new Set<string>();
  const toVisit: NodeDef[][] = [graphDef.node];
  const use = (name: string) => {
    if (used.has(name)) return;
    used.add(name);
    const called = functions.get(name);
    if (called !== undefined) toVisit.push(called.nodeDef);
  };
  for (let nodes = toVisit.pop(); nodes !== undefined; nodes = toVisit.pop()) {
    for (const { op, attr } of nodes) {
      use(op);
      const callee = attr.get("f")?.func?.name;
      if (callee !== undefined && CALLS.has(op)) use(callee);
    }
  }
  const types = [...used].filter((name) => !functions.has(name)).sort();
  return OpList.create({ op: types.flatMap((type) => graph.opDef(type) ?? []) });
}

const CALLS: ReadonlySet<string> = new Set(["PartitionedCall", "StatefulPartitionedCall"]);
