import { ValueError } from "@tfsaver/core";
import { type GraphDef, type NodeDef, type OpDef, VersionDef } from "@tfsaver/proto/graph";
import { attr, shapeFromProto } from "./attributes.js";
import { parseDevice } from "./device.js";
import { GRAPH_VERSION, type Graph } from "./graph.js";
import { freeNames } from "./import-names.js";
import { requireOpName } from "./names.js";
import { Operation, type Output } from "./operation.js";
import { topologicalOrder } from "./topological-order.js";

/** Options of {@link importGraphDef}. */
export interface ImportGraphDefOptions {
  /** Definitions of the operations, as they were where the graph was made. */
  readonly opDefs?: readonly OpDef[];
}

/**
 * Adds the nodes of a message to a graph (`tf.import_graph_def` with an empty name), each after those it needs. A node
 * whose name is taken, by an operation or by a scope, gets another; inputs and colocations follow. Device and control
 * scopes around apply, name scopes do not. Types without a known definition are kept as they are.
 *
 * @returns the new operation of each node
 * @throws `ValueError` if the message makes no sense or is for other versions of TensorFlow, `RuntimeError` if the graph
 * is finalized; in both cases no operation is added.
 */
export function importGraphDef(
  graph: Graph,
  graphDef: GraphDef,
  options: ImportGraphDefOptions = {},
): Map<NodeDef, Operation> {
  requireReadable(graphDef.versions);
  graph.addOpDefs(options.opDefs ?? []);
  const byName = makeOperations(graph, graphDef.node);
  const ops = new Map(inOrder(graphDef.node).map((node) => [node, byName.get(node.name) as Operation]));
  for (const [node, op] of ops) {
    link(node, op, byName);
    followRenaming(op, byName);
  }
  graph.addImported([...ops.values()]);
  graph.versions = graph.size === ops.size ? (graphDef.versions ?? graph.versions) : merge(graph, graphDef);
  if (graphDef.library !== undefined) graph.functionLibrary = concatenate(graph.functionLibrary, graphDef.library);
  return ops;
}

function requireReadable(versions: VersionDef | undefined): void {
  if (versions === undefined) return;
  if (versions.minConsumer > GRAPH_VERSION) {
    throw new ValueError(`The graph is for versions from ${versions.minConsumer} on, not for ${GRAPH_VERSION}`);
  }
  if (versions.badConsumers.includes(GRAPH_VERSION)) {
    throw new ValueError(`The graph is not for version ${GRAPH_VERSION}, which would misread it`);
  }
}

/** A graph can be read by whoever can read all its parts. */
function merge({ versions }: Graph, { versions: added }: GraphDef): VersionDef {
  if (added === undefined) return versions;
  return VersionDef.create({
    producer: Math.min(versions.producer, added.producer),
    minConsumer: Math.max(versions.minConsumer, added.minConsumer),
    badConsumers: [...new Set([...versions.badConsumers, ...added.badConsumers])].sort((a, b) => a - b),
  });
}

const SHAPES = "_output_shapes";

/** A number of outputs that only a count in the file speaks of is believed so far, for all nodes together. */
const MAX_OUTPUTS = 1 << 21;

/** The operations of nodes, not yet linked, by the names that the nodes have in the message. */
function makeOperations(graph: Graph, nodes: readonly NodeDef[]): Map<string, Operation> {
  const names = freeNames(graph, nodes);
  const byName = new Map<string, Operation>();
  let outputs = 0;
  for (const node of nodes) {
    if (byName.has(node.name)) throw new ValueError(`Node '${node.name}' is not unique`, { op: node.name });
    requireOpName(node.name);
    parseDevice(node.device);
    const attrs = new Map(node.attr);
    attrs.delete(SHAPES);
    const op = new Operation(graph, names.get(node.name) ?? node.name, node.op, attrs);
    op.device = node.device;
    const { experimentalDebugInfo, experimentalType, unknownFields } = node;
    op.preserved = { experimentalDebugInfo, experimentalType, unknownFields };
    graph.define(op);
    setShapes(node, op);
    outputs += op.outputs.length;
    if (outputs > MAX_OUTPUTS) throw new ValueError("The graph has more outputs than can be believed");
    byName.set(node.name, op);
  }
  return byName;
}

function setShapes(node: NodeDef, op: Operation): void {
  const shapes = node.attr.get(SHAPES)?.list?.shape ?? [];
  // They also tell how many outputs an operation of unknown type has.
  for (const [index, proto] of shapes.entries()) {
    const output = op.isKnown ? op.outputs[index] : op.outputOfUnknownType(index);
    if (output !== undefined) output.shape = shapeFromProto(proto);
  }
}

/** An input of a node: an output of another by number, or `undefined` for one that must only have run. */
interface Input {
  readonly name: string;
  readonly index: number | undefined;
}

function parseInput(input: string): Input {
  if (input.startsWith("^")) return { name: input.slice(1), index: undefined };
  const [, name = input, index = "0"] = /^(.*):(\d+)$/s.exec(input) ?? [];
  return { name, index: Number(index) };
}

/** @throws `ValueError` if nodes need each other in a circle, other than around a loop. */
function inOrder(nodes: readonly NodeDef[]): NodeDef[] {
  const numbers = new Map(nodes.map(({ name }, number) => [name, number]));
  const needs = nodes.map((node) =>
    node.input.flatMap((input) => {
      const { name } = parseInput(input);
      const number = numbers.get(name);
      if (number === undefined) {
        throw new ValueError(`Node '${node.name}': Unknown input node '${input}'`, { op: node.name });
      }
      const isBackEdge = node.op.endsWith("Merge") && nodes[number]?.op.endsWith("NextIteration");
      return isBackEdge ? [] : [number];
    }),
  );
  const order = topologicalOrder(needs);
  if (order.length < nodes.length) throw new ValueError(`${nodes.length - order.length} nodes in a cycle`);
  return order.map((number) => nodes[number] as NodeDef);
}

function link(node: NodeDef, op: Operation, byName: ReadonlyMap<string, Operation>): void {
  const inputs: Output[] = [];
  for (const input of node.input) {
    const { name, index } = parseInput(input);
    const source = byName.get(name) as Operation;
    if (index === undefined) op.controlInputs.add(source);
    else if (op.controlInputs.size === 0) inputs.push(outputOf(source, index, node));
    else {
      throw new ValueError(`Node '${node.name}': Control dependencies must come after regular dependencies`, {
        op: node.name,
      });
    }
  }
  op.setInputs(inputs);
}

function outputOf(source: Operation, index: number, node: NodeDef): Output {
  const output = source.findOutput(index);
  if (output !== undefined) return output;
  throw new ValueError(
    `Node '${node.name}': Connecting to invalid output ${index} of source node ${source.name} which has ` +
      `${source.outputs.length} outputs.`,
    { op: node.name },
  );
}

function followRenaming(op: Operation, byName: ReadonlyMap<string, Operation>): void {
  const groups = op.attrs.get("_class")?.list?.s;
  if (groups === undefined) return;
  const decoder = new TextDecoder();
  const renamed = groups.map((bytes) => {
    const group = decoder.decode(bytes);
    if (!group.startsWith("loc:@")) return group;
    const target = byName.get(group.slice(5));
    if (target !== undefined) return `loc:@${target.name}`;
    throw new ValueError(`Node '${op.name}' expects to be colocated with unknown node '${group.slice(5)}'`, {
      op: op.name,
    });
  });
  op.attrs.set("_class", attr.strings(renamed));
}

/** Two serialized messages put together are their union. */
function concatenate(before: Uint8Array | undefined, added: Uint8Array): Uint8Array {
  if (before === undefined) return added;
  const both = new Uint8Array(before.length + added.length);
  both.set(before);
  both.set(added, before.length);
  return both;
}
