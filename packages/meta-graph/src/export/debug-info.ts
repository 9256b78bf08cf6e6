import type { GraphDef } from "@tfsaver/proto/graph";
import { GraphDebugInfo, GraphDebugInfo_StackTrace } from "@tfsaver/proto/meta-graph";

/**
 * Makes the debug information that TensorFlow writes beside a meta graph (`create_graph_debug_info_def`). Where a node was
 * made is not recorded here: all nodes share one empty trace.
 *
 * @example
 * ```ts
 * import { constant, Graph } from "@tfsaver/graph";
 * import { debugInfoOf } from "@tfsaver/meta-graph";
 *
 * const graph = new Graph();
 * constant(1, { graph, name: "x" });
 * console.log([...debugInfoOf(graph.toGraphDef()).nameToTraceId.keys()]); // [ "x@" ]
 * ```
 */
export function debugInfoOf({ node }: GraphDef): GraphDebugInfo {
  // A name after the `@` would be that of the function that contains the node.
  const nameToTraceId = new Map(node.map(({ name }) => [`${name}@`, 0n]));
  return GraphDebugInfo.create({ nameToTraceId, tracesById: new Map([[0n, GraphDebugInfo_StackTrace.create()]]) });
}
