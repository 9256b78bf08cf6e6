import { DataLossError, isCheckpointError, NotFoundError, UnimplementedError } from "@tfsaver/core";
import { Graph, importGraphDef } from "@tfsaver/graph";
import type { GraphDef, NodeDef, OpDef } from "@tfsaver/proto/graph";

/**
 * Imports a graph as TensorFlow would before it freezes it. So every name is used once, every input exists and fits, and there is
 * no cycle but those of loops.
 *
 * @param path - its file, for messages
 * @param outputs - names of operations, or of outputs of them
 * @throws `DataLossError` that names the node if it can't be imported; `NotFoundError` if an operation lacks such an output.
 */
export function requireConsistent(
  path: string,
  graphDef: GraphDef,
  opDefs: readonly OpDef[],
  outputs: readonly string[],
): void {
  const graph = new Graph();
  try {
    importGraphDef(graph, graphDef, { opDefs });
  } catch (cause) {
    if (!isCheckpointError(cause)) throw cause;
    const advice = "The graph is damaged, or was not written by TensorFlow: export it again";
    throw new DataLossError(`${path}: ${cause.message}. ${advice}`, { path, op: cause.op, cause });
  }
  for (const output of outputs) requireOutput(path, graph, output);
}

/**
 * Runs a step that changes a graph, and names its file in errors.
 *
 * @throws `UnimplementedError` if the step does, and `DataLossError` for other errors of this library.
 */
export function inGraph<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    if (!isCheckpointError(cause)) throw cause;
    const Kind = cause.kind === "UnimplementedError" ? UnimplementedError : DataLossError;
    throw new Kind(`${path}: ${cause.message}`, { path, op: cause.op, cause });
  }
}

/**
 * Imports a frozen graph, so that what can't be expressed without variables is found before a file is written.
 *
 * @param path - the file of the graph that was frozen
 * @param nodes - the nodes; constants may lack their values
 * @throws `UnimplementedError` that names the node if it can't be imported.
 */
export function requireFrozen(
  path: string,
  graphDef: GraphDef,
  nodes: readonly NodeDef[],
  opDefs: readonly OpDef[],
): void {
  try {
    importGraphDef(new Graph(), { ...graphDef, node: [...nodes] }, { opDefs });
  } catch (cause) {
    if (!isCheckpointError(cause)) throw cause;
    throw new UnimplementedError(`${path} can't be frozen: ${cause.message}. Choose other outputs`, {
      path,
      op: cause.op,
      cause,
    });
  }
}

/** Makes sure that an operation has the output that a name such as `out:1` means. One of an unknown type may have any. */
function requireOutput(path: string, graph: Graph, output: string): void {
  const [, name = "", index] = /^(.*):(\d+)$/.exec(output) ?? [];
  const op = graph.findOperation(name);
  if (op === undefined || op.findOutput(Number(index)) !== undefined) return;
  throw new NotFoundError(`${path} has no output ${output}: the operation has ${op.outputs.length}`, {
    path,
    op: name,
  });
}
