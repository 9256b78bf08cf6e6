import type { GraphDef } from "@tfsaver/proto/graph";
import { GraphDebugInfo, GraphDebugInfo_StackTrace } from "@tfsaver/proto/meta-graph";

/**
 * What TensorFlow keeps beside a meta graph to tell where each node was made (`create_graph_debug_info_def`). That is not
 * recorded here: every node is named, and all have one trace, which is empty.
 */
export function debugInfoOf({ node }: GraphDef): GraphDebugInfo {
  // The text behind the `@` names a function; the nodes of the graph itself are in none.
  const nameToTraceId = new Map(node.map(({ name }) => [`${name}@`, 0n]));
  return GraphDebugInfo.create({ nameToTraceId, tracesById: new Map([[0n, GraphDebugInfo_StackTrace.create()]]) });
}
