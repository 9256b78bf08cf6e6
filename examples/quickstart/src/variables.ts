import { type Graph, GraphKeys, type Output, type Session, type TensorLike, Variable } from "tfsaver";

/** Returns the variables of an imported graph, by their names in a checkpoint. */
export function variablesOf(graph: Graph): Map<string, Variable> {
  const variables = graph.collection(GraphKeys.GLOBAL_VARIABLES).filter((item) => item instanceof Variable);
  return new Map(variables.map((variable) => [variable.op.name, variable]));
}

/**
 * Assigns values to variables, in one run. It runs the initializers of the variables and feeds the new values in place
 * of the initial ones, so it adds nothing to the graph.
 */
export async function assign(session: Session, values: ReadonlyMap<Variable, TensorLike>): Promise<void> {
  const feeds = new Map<Output, TensorLike>();
  for (const [{ name, initialValue }, value] of values) {
    if (initialValue === undefined) throw new Error(`${name} has no initial value`);
    feeds.set(initialValue, value);
  }
  await session.run(
    [...values.keys()].map(({ initializer }) => initializer),
    feeds,
  );
}
