import { InvalidArgumentError } from "@tfsaver/core";
import type { AttrValue, GraphDef, NodeDef, OpDef } from "@tfsaver/proto/graph";
import { attr, shapeFromProto } from "./attributes.js";
import { canonicalDevice } from "./device.js";
import type { Graph } from "./graph.js";
import { requireOpName } from "./names.js";
import { Operation, type Output } from "./operation.js";

/** Options of {@link importGraphDef}. */
export interface ImportGraphDefOptions {
  /** Definitions of the operations, as they were where the graph was made. */
  readonly opDefs?: readonly OpDef[];
}

/**
 * Adds the nodes of a message to a graph (`tf.import_graph_def` with an empty name). A node whose name is taken gets
 * another; inputs and colocations follow.
 *
 * @returns the new operation of each node
 * @throws `InvalidArgumentError` if a name or an input makes no sense; the graph may then hold some of the nodes.
 */
export function importGraphDef(
  graph: Graph,
  graphDef: GraphDef,
  options: ImportGraphDefOptions = {},
): Map<NodeDef, Operation> {
  graph.addOpDefs(options.opDefs ?? []);
  const isFirst = graph.size === 0;
  const byName = new Map<string, Operation>();
  const ops = new Map<NodeDef, Operation>();
  for (const node of graphDef.node) {
    if (byName.has(node.name)) throw new InvalidArgumentError(`The graph has two nodes named '${node.name}'`);
    const op = newOperation(graph, node);
    byName.set(node.name, op);
    ops.set(node, op);
  }
  for (const [node, op] of ops) {
    link(node, op, byName);
    followRenaming(op, byName);
    readShapes(node, op);
  }
  if (isFirst && graphDef.versions !== undefined) graph.versions = graphDef.versions;
  if (graphDef.library !== undefined) graph.functionLibrary = concatenate(graph.functionLibrary, graphDef.library);
  return ops;
}

const SHAPES = "_output_shapes";

function newOperation(graph: Graph, node: NodeDef): Operation {
  const name =
    graph.findOperation(node.name) === undefined ? node.name : graph.withoutScopes(() => graph.uniqueName(node.name));
  try {
    requireOpName(name);
  } catch (cause) {
    throw new InvalidArgumentError(`Node name '${name}' is not valid`, { op: name, cause });
  }
  const attrs = new Map(node.attr);
  attrs.delete(SHAPES);
  const op = new Operation(graph, name, node.op, attrs);
  op.device = node.device === "" ? "" : canonicalDevice(node.device);
  const { experimentalDebugInfo, experimentalType, unknownFields } = node;
  op.preserved = { experimentalDebugInfo, experimentalType, unknownFields };
  graph.addImported(op);
  return op;
}

function link(node: NodeDef, op: Operation, byName: ReadonlyMap<string, Operation>): void {
  const find = (name: string): Operation => {
    const source = byName.get(name);
    if (source === undefined) {
      throw new InvalidArgumentError(`Node '${node.name}': Unknown input node '${name}'`, { op: node.name });
    }
    return source;
  };
  const inputs: Output[] = [];
  for (const input of node.input) {
    if (input.startsWith("^")) op.controlInputs.add(find(input.slice(1)));
    else {
      const [, name = input, index = "0"] = /^(.*):(\d+)$/s.exec(input) ?? [];
      inputs.push(outputOf(find(name), Number(index), node));
    }
  }
  op.setInputs(inputs);
}

function outputOf(source: Operation, index: number, node: NodeDef): Output {
  const output = source.outputs[index];
  if (output !== undefined) return output;
  if (source.graph.opDef(source.type) === undefined && index <= source.outputs.length + MAX_SKIPPED_OUTPUTS) {
    return source.outputOfUnknownType(index);
  }
  throw new InvalidArgumentError(`Node '${node.name}': '${source.name}' has no output ${index}`, { op: node.name });
}

/** An output number of an operation of unknown type is believed only this far beyond those seen. */
const MAX_SKIPPED_OUTPUTS = 1024;

function followRenaming(op: Operation, byName: ReadonlyMap<string, Operation>): void {
  const groups = op.attrs.get("_class")?.list?.s;
  if (groups === undefined) return;
  const decoder = new TextDecoder();
  const renamed = groups.map((bytes) => {
    const group = decoder.decode(bytes);
    const target = group.startsWith("loc:@") ? byName.get(group.slice(5)) : undefined;
    return target === undefined ? group : `loc:@${target.name}`;
  });
  op.attrs.set("_class", attr.strings(renamed));
}

function readShapes(node: NodeDef, op: Operation): void {
  const shapes: AttrValue | undefined = node.attr.get(SHAPES);
  for (const [index, proto] of (shapes?.list?.shape ?? []).entries()) {
    const output = op.outputs[index];
    if (output !== undefined) output.shape = shapeFromProto(proto);
    else if (op.graph.opDef(op.type) === undefined) op.outputOfUnknownType(index).shape = shapeFromProto(proto);
  }
}

/** Two serialized messages put together are their union. */
function concatenate(before: Uint8Array | undefined, added: Uint8Array): Uint8Array {
  if (before === undefined) return added;
  const both = new Uint8Array(before.length + added.length);
  both.set(before);
  both.set(added, before.length);
  return both;
}
