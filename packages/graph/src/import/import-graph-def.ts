import type { GraphDef, OpDef } from "@tfsaver/proto/graph";
import { Graph, type Operation } from "../model/graph.js";
import { mergeVersions, requireReadable } from "../model/graph-versions.js";
import { topologicalNodes, wireInputs, wiresOf } from "./input-wires.js";
import { joinLibraries } from "./join-libraries.js";
import { makeOperations, nodeNumbers, renameColocation } from "./make-operations.js";
import { type InputMap, MappedInputs } from "./mapped-inputs.js";

/** Options of {@link importGraphDef}. */
export interface ImportGraphDefOptions {
  /** Definitions of the operations, from the program that made the graph. */
  readonly opDefs?: readonly OpDef[];
  /**
   * Name scope of the new operations, made unique within the current one; a name that ends with `/` is used as it is.
   * Default: the root, whatever the current scope.
   */
  readonly name?: string | undefined;
  /** Outputs that replace inputs of the nodes. The keys are input names: `a`, `a:1`, or `^a` for a control input. */
  readonly inputMap?: InputMap | undefined;
  /** Let the graph take over parts of `graphDef` without copying; don't use it afterwards. Default: false. */
  readonly consume?: boolean | undefined;
}

/** The result of {@link importGraphDef}. */
export interface ImportedGraphDef {
  /** The scope before the names of the new operations, with its trailing `/`; `""` for the root. */
  readonly prefix: string;
  /** The new operations, by the names of their nodes in the message. */
  readonly operations: ReadonlyMap<string, Operation>;
}

/**
 * Adds the nodes of a message to a graph (`tf.import_graph_def`), each after the nodes it depends on. A node whose name
 * is taken is renamed, and inputs and colocations follow. The current device and control dependency scopes apply. A node
 * of an unknown type is kept as it is.
 *
 * @example
 * ```ts
 * import { Graph, importGraphDef, Variable } from "@tfsaver/graph";
 *
 * const graph = new Graph();
 * Variable.create(0, { graph, name: "step" });
 *
 * const copy = new Graph();
 * const { operations } = importGraphDef(copy, graph.toGraphDef(), { name: "copy" });
 * console.log(operations.get("step")?.name); // copy/step
 * ```
 *
 * @throws `ValueError` if the message is inconsistent, needs another version of TensorFlow, or lacks an input of
 * `inputMap`; `RuntimeError` if the graph is finalized; `TypeError` for arguments of another type. The graph then has no new operations.
 */
export function importGraphDef(
  graph: Graph,
  graphDef: GraphDef,
  options: ImportGraphDefOptions = {},
): ImportedGraphDef {
  if (!(graph instanceof Graph)) throw new TypeError("importGraphDef takes the Graph to add the nodes to");
  if (!Array.isArray(graphDef?.node)) throw new TypeError("The graph to import must be a GraphDef");
  requireReadable(graphDef.versions);
  const prefix = options.name ? graph.withNameScope(options.name, (scope) => scope) : "";
  const mapped = new MappedInputs(graph, options.inputMap ?? {});
  graph.addOpDefs(options.opDefs ?? []);
  const { node: nodes } = graphDef;
  const numbers = nodeNumbers(nodes);
  const operations = makeOperations(graph, nodes, prefix, options.consume ?? false);
  const find = (name: string) => operations[numbers.get(name) ?? -1];
  const wires = wiresOf(nodes, numbers, mapped);
  const added: Operation[] = [];
  for (const number of topologicalNodes(nodes, wires)) {
    const op = operations[number] as Operation;
    wireInputs(number, nodes, operations, wires, mapped);
    renameColocation(op, find);
    added.push(op);
  }
  mapped.requireFound(find);
  const library = joinLibraries(graph.functionLibrary, graphDef.library);
  graph.addImported(added);
  if (graph.size === added.length) {
    const { versions = graph.versions, debugInfo, unknownFields } = graphDef;
    graph.versions = versions;
    graph.preserved = { debugInfo, unknownFields };
  } else graph.versions = mergeVersions(graph.versions, graphDef.versions);
  graph.functionLibrary = library;
  let byName: ReadonlyMap<string, Operation> | undefined;
  return {
    prefix,
    get operations() {
      // Built on demand: a graph can have many thousands of nodes, and most callers don't ask.
      byName ??= new Map(nodes.map(({ name }, number) => [name, operations[number] as Operation]));
      return byName;
    },
  };
}
