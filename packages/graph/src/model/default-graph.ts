import { AssertionError } from "@tfsaver/core";
import { Graph } from "./graph.js";

let globalDefault: Graph | undefined;
const stack: Graph[] = [];

/** The graph that is used where none is given (`tf.compat.v1.get_default_graph`). */
export function getDefaultGraph(): Graph {
  globalDefault ??= new Graph();
  return stack.at(-1) ?? globalDefault;
}

/** Runs `build`, which must not wait for anything, with `graph` as the default graph (`Graph.as_default`). */
export function withDefaultGraph<T>(graph: Graph, build: () => T): T {
  stack.push(graph);
  try {
    return build();
  } finally {
    stack.pop();
  }
}

/**
 * Starts a new default graph (`tf.compat.v1.reset_default_graph`).
 *
 * @throws `AssertionError` inside {@link withDefaultGraph}.
 */
export function resetDefaultGraph(): void {
  if (stack.length > 0) throw new AssertionError("The default graph can't be reset inside withDefaultGraph()");
  globalDefault = undefined;
}
