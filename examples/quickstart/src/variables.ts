import { type Graph, GraphKeys, Variable } from "tfsaver";

/** Returns the variables of an imported graph, by their names in a checkpoint. */
export function variablesOf(graph: Graph): Map<string, Variable> {
  const variables = graph.collection(GraphKeys.GLOBAL_VARIABLES).filter((item) => item instanceof Variable);
  return new Map(variables.map((variable) => [variable.op.name, variable]));
}
