import { type Graph, GraphKeys, type Output, type Session, type TensorLike, Variable } from "tfsaver";

/** The variables of an imported graph, by their names in a checkpoint. */
export function variablesOf(graph: Graph): Map<string, Variable> {
  const variables = graph.collection(GraphKeys.GLOBAL_VARIABLES).filter((item) => item instanceof Variable);
  return new Map(variables.map((variable) => [variable.op.name, variable]));
}

/**
 * Gives variables new values, all in one run. The operation that initializes a variable assigns its initial value to it,
 * so running that operation with another value in the place of the initial one is an assignment, without adding
 * anything to the graph.
 */
export async function assign(session: Session, values: ReadonlyMap<Variable, TensorLike>): Promise<void> {
  const feeds = new Map<Output, TensorLike>();
  for (const [{ name, initialValue }, value] of values) {
    if (initialValue === undefined) throw new Error(`It is not known what ${name} is initialized with`);
    feeds.set(initialValue, value);
  }
  await session.run(
    [...values.keys()].map(({ initializer }) => initializer),
    feeds,
  );
}
