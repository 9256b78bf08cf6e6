import { ValueError } from "@tfsaver/core";
import { type GraphDef, type NodeDef, type OpDef, type TensorShapeProto, VersionDef } from "@tfsaver/proto/graph";
import { attr, shapeFromProto } from "./attributes.js";
import { parseDevice } from "./device.js";
import { joinLibraries } from "./function-library.js";
import { GRAPH_VERSION, type Graph } from "./graph.js";
import { freeNames } from "./import-names.js";
import { type InputMap, MappedInputs, parseInput } from "./mapped-inputs.js";
import { requireOpName } from "./names.js";
import { inputTypes, type ValueType } from "./op-registry.js";
import { Operation, type Output } from "./operation.js";
import { topologicalOrder } from "./topological-order.js";

/** Options of {@link importGraphDef}. */
export interface ImportGraphDefOptions {
  /** Definitions of the operations, as they were where the graph was made. */
  readonly opDefs?: readonly OpDef[];
  /**
   * Name scope to put before all names: within the scopes around and made unique; with a trailing `/` taken as it is.
   * Default: none, not even that of the scopes around.
   */
  readonly name?: string | undefined;
  /** What the nodes take instead of the inputs of these names: `a`, `a:1`, or `^a` for having run. */
  readonly inputMap?: InputMap | undefined;
}

/** What {@link importGraphDef} has added. */
export interface ImportedGraphDef {
  /** What stands before the names of the new operations, with its trailing `/`; `""` for nothing. */
  readonly prefix: string;
  /** The new operation of each node, by the node's name in the message. */
  readonly operations: ReadonlyMap<string, Operation>;
}

/**
 * Adds the nodes of a message to a graph (`tf.import_graph_def`), each after those it needs. A node whose name is taken,
 * by an operation or by a scope, gets another; inputs and colocations follow. Device and control scopes around apply.
 * Types without a known definition are kept as they are.
 *
 * @throws `ValueError` if the message makes no sense, is for other versions of TensorFlow, or has no input of a name in
 * `inputMap`, `RuntimeError` if the graph is finalized; in all cases no operation is added.
 */
export function importGraphDef(
  graph: Graph,
  graphDef: GraphDef,
  options: ImportGraphDefOptions = {},
): ImportedGraphDef {
  requireReadable(graphDef.versions);
  const prefix = options.name ? graph.withNameScope(options.name, (scope) => scope) : "";
  const inputs = new MappedInputs(graph, options.inputMap ?? {});
  graph.addOpDefs(options.opDefs ?? []);
  const operations = makeOperations(graph, graphDef.node, prefix);
  const nodes = inOrder(graphDef.node, inputs);
  for (const node of nodes) {
    const op = operations.get(node.name) as Operation;
    link(node, op, operations, inputs);
    followRenaming(op, operations);
  }
  inputs.requireFound(operations);
  const added = nodes.map(({ name }) => operations.get(name) as Operation);
  const library = joinLibraries(graph.functionLibrary, graphDef.library);
  graph.addImported(added);
  if (graph.size === added.length) {
    const { versions = graph.versions, debugInfo, unknownFields } = graphDef;
    graph.versions = versions;
    graph.preserved = { debugInfo, unknownFields };
  } else graph.versions = merge(graph, graphDef);
  graph.functionLibrary = library;
  return { prefix, operations };
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
function makeOperations(graph: Graph, nodes: readonly NodeDef[], prefix: string): Map<string, Operation> {
  const names = freeNames(graph, nodes, prefix);
  const byName = new Map<string, Operation>();
  let outputs = 0;
  for (const node of nodes) {
    if (byName.has(node.name)) throw new ValueError(`Node '${node.name}' is not unique`, { op: node.name });
    requireOpName(node.name);
    if (node.device !== "") parseDevice(node.device);
    const attrs = new Map(node.attr);
    attrs.delete(SHAPES);
    const op = new Operation(graph, names.get(node.name) ?? prefix + node.name, node.op, attrs);
    op.device = node.device;
    const { experimentalDebugInfo, experimentalType, unknownFields } = node;
    if (experimentalDebugInfo !== undefined || experimentalType !== undefined || unknownFields !== undefined) {
      op.preserved = { experimentalDebugInfo, experimentalType, unknownFields };
    }
    graph.define(op);
    setShapes(node, op);
    outputs += op.outputs.length;
    if (outputs > MAX_OUTPUTS) throw new ValueError("The graph has more outputs than can be believed");
    byName.set(node.name, op);
  }
  return byName;
}

function setShapes(node: NodeDef, op: Operation): void {
  const shapes = node.attr.get(SHAPES)?.list?.shape;
  if (shapes === undefined) return;
  // They also tell how many outputs an operation of unknown type has.
  const { isKnown } = op;
  for (let index = 0; index < shapes.length; index++) {
    const output = isKnown ? op.outputs[index] : op.outputOfUnknownType(index);
    if (output !== undefined) output.shape = shapeFromProto(shapes[index] as TensorShapeProto);
  }
}

/** @throws `ValueError` if nodes need each other in a circle, other than around a loop. */
function inOrder(nodes: readonly NodeDef[], mapped: MappedInputs): NodeDef[] {
  const numbers = new Map(nodes.map(({ name }, number) => [name, number]));
  const needed: number[] = [];
  const starts = [0];
  for (const node of nodes) {
    for (const input of node.input) {
      if (mapped.has(input)) continue;
      const number = numbers.get(parseInput(input).name);
      if (number === undefined) {
        throw new ValueError(`Node '${node.name}': Unknown input node '${input}'`, { op: node.name });
      }
      const isBackEdge = node.op.endsWith("Merge") && nodes[number]?.op.endsWith("NextIteration");
      if (!isBackEdge) needed.push(number);
    }
    starts.push(needed.length);
  }
  const order = topologicalOrder({ needed, starts });
  if (order.length < nodes.length) throw new ValueError(`${nodes.length - order.length} nodes in a cycle`);
  return order.map((number) => nodes[number] as NodeDef);
}

function link(node: NodeDef, op: Operation, byName: ReadonlyMap<string, Operation>, mapped: MappedInputs): void {
  const inputs: Output[] = [];
  const before: Operation[] = [];
  for (const input of node.input) {
    const { name, index } = parseInput(input);
    const source = mapped.take(input) ?? (byName.get(name) as Operation);
    if (index === undefined) before.push("op" in source ? source.op : source);
    else if (before.length === 0) inputs.push("op" in source ? source : outputOf(source, index, node));
    else {
      throw new ValueError(`Node '${node.name}': Control dependencies must come after regular dependencies`, {
        op: node.name,
      });
    }
  }
  requireFitting(op, inputs);
  op.setInputs(inputs);
  if (before.length > 0) op.setControlInputs(before);
}

/** @throws `ValueError` if an operation of known type does not take these inputs. */
function requireFitting(op: Operation, inputs: readonly Output[]): void {
  const def = op.graph.opDef(op.type);
  if (def === undefined) return;
  const expected = inputTypes(def, op.attrs, op.name);
  if (inputs.length !== expected.length) {
    throw new ValueError(
      `Node '${op.name}' (${op.type}) takes ${expected.length} inputs, but has ${inputs.length} inputs`,
      { op: op.name },
    );
  }
  for (let index = 0; index < expected.length; index++) {
    const { dtype, isRef } = expected[index] as ValueType;
    const { dtype: given, isRef: givenRef } = inputs[index] as Output;
    if (given === undefined || (given === dtype && (givenRef || !isRef))) continue;
    throw new ValueError(
      `Input ${index} of node ${op.name} was passed ${given}${givenRef ? "_ref" : ""} from ${inputs[index]?.name} ` +
        `incompatible with expected ${dtype}${isRef ? "_ref" : ""}.`,
      { op: op.name },
    );
  }
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

const utf8 = new TextDecoder();

function followRenaming(op: Operation, byName: ReadonlyMap<string, Operation>): void {
  const groups = op.attrs.get("_class")?.list?.s;
  if (groups === undefined) return;
  let isRenamed = false;
  const names = groups.map((bytes) => {
    const group = utf8.decode(bytes);
    if (!group.startsWith("loc:@")) return group;
    const name = group.slice(5);
    const target = byName.get(name);
    isRenamed ||= target?.name !== name;
    if (target !== undefined) return `loc:@${target.name}`;
    throw new ValueError(`Node '${op.name}' expects to be colocated with unknown node '${group.slice(5)}'`, {
      op: op.name,
    });
  });
  if (isRenamed) op.attrs.set("_class", attr.strings(names));
}
