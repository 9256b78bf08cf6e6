import { AssertionError } from "@tfsaver/core";
import { Graph } from "./graph.js";

let globalDefault: Graph | undefined;
const stack: Graph[] = [];

/**
 * Returns the graph that is used where none is given (`tf.compat.v1.get_default_graph`).
 *
 * @example
 * ```ts
 * import { constant, getDefaultGraph } from "@tfsaver/graph";
 *
 * const one = constant(1);
 * console.log(one.graph === getDefaultGraph()); // true
 * ```
 */
export function getDefaultGraph(): Graph {
  globalDefault ??= new Graph();
  return stack.at(-1) ?? globalDefault;
}

/**
 * Returns the graph that an option names, or the default graph if it names none.
 *
 * @param name - the option's name, for the message
 *
 * @example
 * ```ts
 * import { getDefaultGraph, resolveGraph } from "@tfsaver/graph";
 *
 * console.log(resolveGraph(undefined) === getDefaultGraph()); // true
 * ```
 *
 * @throws `TypeError` if `graph` is something else than a graph.
 */
export function resolveGraph(graph: Graph | null | undefined, name = "graph"): Graph {
  if (graph === undefined || graph === null) return getDefaultGraph();
  if (graph instanceof Graph) return graph;
  throw new TypeError(
    `${name} must be a Graph, not ${typeof graph === "object" ? "another object" : `a ${typeof graph}`}`,
  );
}

/**
 * Runs `build` with `graph` as the default graph (`Graph.as_default`). The default graph is restored when `build`
 * returns, so `build` must be synchronous.
 *
 * @example
 * ```ts
 * import { constant, Graph, withDefaultGraph } from "@tfsaver/graph";
 *
 * const graph = new Graph();
 * const one = withDefaultGraph(graph, () => constant(1));
 * console.log(one.graph === graph); // true
 * ```
 */
export function withDefaultGraph<T>(graph: Graph, build: () => T): T {
  stack.push(graph);
  try {
    return build();
  } finally {
    stack.pop();
  }
}

/**
 * Replaces the default graph by a new, empty one (`tf.compat.v1.reset_default_graph`).
 *
 * @example
 * ```ts
 * import { constant, getDefaultGraph, resetDefaultGraph } from "@tfsaver/graph";
 *
 * constant(1);
 * resetDefaultGraph();
 * console.log(getDefaultGraph().size); // 0
 * ```
 *
 * @throws `AssertionError` inside {@link withDefaultGraph}.
 */
export function resetDefaultGraph(): void {
  if (stack.length > 0) throw new AssertionError("The default graph can't be reset inside withDefaultGraph()");
  globalDefault = undefined;
}
