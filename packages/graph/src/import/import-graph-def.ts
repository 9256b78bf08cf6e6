import { ValueError } from "@tfsaver/core";
import { type GraphDef, type NodeDef, type OpDef, type TensorShapeProto, VersionDef } from "@tfsaver/proto/graph";
import { attr, shapeFromProto } from "../model/attributes.js";
import { parseDevice } from "../model/device-names.js";
import { GRAPH_VERSION, type Graph } from "../model/graph.js";
import { requireOpName } from "../model/names.js";
import { Operation, type Output } from "../model/operation.js";
import { inputTypes, type ValueType } from "../ops/op-signature.js";
import { freeNames } from "./free-names.js";
import { joinLibraries } from "./join-libraries.js";
import { type InputMap, MappedInputs, parseInput } from "./mapped-inputs.js";
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
  /** Let parts of the message become the graph's, without a copy; it is of no use afterwards. Default: false. */
  readonly consume?: boolean | undefined;
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
  const { node: nodes } = graphDef;
  const numbers = numbersOf(nodes);
  const operations = makeOperations(graph, nodes, prefix, options.consume ?? false);
  const find = (name: string) => operations[numbers.get(name) ?? -1];
  const wires = wiresOf(nodes, numbers, inputs);
  const added: Operation[] = [];
  for (const number of inOrder(nodes, wires)) {
    const op = operations[number] as Operation;
    link(number, nodes, operations, wires, inputs);
    followRenaming(op, find);
    added.push(op);
  }
  inputs.requireFound(find);
  const library = joinLibraries(graph.functionLibrary, graphDef.library);
  graph.addImported(added);
  if (graph.size === added.length) {
    const { versions = graph.versions, debugInfo, unknownFields } = graphDef;
    graph.versions = versions;
    graph.preserved = { debugInfo, unknownFields };
  } else graph.versions = merge(graph, graphDef);
  graph.functionLibrary = library;
  let byName: ReadonlyMap<string, Operation> | undefined;
  return {
    prefix,
    get operations() {
      // Of many thousands, which mostly nobody asks for.
      byName ??= new Map(nodes.map(({ name }, number) => [name, operations[number] as Operation]));
      return byName;
    },
  };
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

/** The numbers of nodes by their names. */
function numbersOf(nodes: readonly NodeDef[]): Map<string, number> {
  const numbers = new Map<string, number>();
  for (let number = 0; number < nodes.length; number++) {
    const { name } = nodes[number] as NodeDef;
    if (numbers.has(name)) throw new ValueError(`Node '${name}' is not unique`, { op: name });
    numbers.set(name, number);
  }
  return numbers;
}

/** The operations of nodes, not yet linked. */
function makeOperations(graph: Graph, nodes: readonly NodeDef[], prefix: string, consume: boolean): Operation[] {
  const names = freeNames(graph, nodes, prefix);
  const operations: Operation[] = [];
  let outputs = 0;
  for (const node of nodes) {
    requireOpName(node.name);
    if (node.device !== "") parseDevice(node.device);
    const shapes = node.attr.get(SHAPES)?.list?.shape;
    const attrs = consume ? node.attr : new Map(node.attr);
    attrs.delete(SHAPES);
    const op = new Operation(graph, names.get(node.name) ?? prefix + node.name, node.op, attrs);
    op.device = node.device;
    const { experimentalDebugInfo, experimentalType, unknownFields } = node;
    if (experimentalDebugInfo !== undefined || experimentalType !== undefined || unknownFields !== undefined) {
      op.preserved = { experimentalDebugInfo, experimentalType, unknownFields };
    }
    graph.define(op);
    if (shapes !== undefined) setShapes(op, shapes);
    outputs += op.outputs.length;
    if (outputs > MAX_OUTPUTS) throw new ValueError("The graph has more outputs than can be believed");
    operations.push(op);
  }
  return operations;
}

function setShapes(op: Operation, shapes: readonly TensorShapeProto[]): void {
  // They also tell how many outputs an operation of unknown type has.
  const { isKnown } = op;
  for (let index = 0; index < shapes.length; index++) {
    const output = isKnown ? op.outputs[index] : op.outputOfUnknownType(index);
    if (output !== undefined) output.shape = shapeFromProto(shapes[index] as TensorShapeProto);
  }
}

/** All inputs of all nodes, those of each behind those of the one before: lists for each would take most of the time. */
interface Wires {
  /** Numbers of the nodes that inputs come from; {@link MAPPED} for what comes from elsewhere. */
  readonly sources: readonly number[];
  /** Which output; {@link CONTROL} if the node must only have run. */
  readonly indices: readonly number[];
  /** Where the inputs of each node start. */
  readonly starts: readonly number[];
}

const MAPPED = -1;
const CONTROL = -1;

function wiresOf(nodes: readonly NodeDef[], numbers: ReadonlyMap<string, number>, mapped: MappedInputs): Wires {
  const sources: number[] = [];
  const indices: number[] = [];
  const starts: number[] = [];
  for (const node of nodes) {
    starts.push(sources.length);
    for (const input of node.input) {
      const { name, index = CONTROL } = parseInput(input);
      const source = mapped.has(input) ? MAPPED : numbers.get(name);
      if (source === undefined) {
        throw new ValueError(`Node '${node.name}': Unknown input node '${input}'`, { op: node.name });
      }
      sources.push(source);
      indices.push(index);
    }
  }
  return { sources, indices, starts };
}

/** @throws `ValueError` if nodes need each other in a circle, other than around a loop. */
function inOrder(nodes: readonly NodeDef[], wires: Wires): number[] {
  const needed: number[] = [];
  const starts = [0];
  for (let number = 0; number < nodes.length; number++) {
    const { input, op } = nodes[number] as NodeDef;
    const isMerge = op.endsWith("Merge");
    for (let i = 0; i < input.length; i++) {
      const source = wires.sources[(wires.starts[number] as number) + i] as number;
      const isBackEdge = isMerge && nodes[source]?.op.endsWith("NextIteration");
      if (source !== MAPPED && !isBackEdge) needed.push(source);
    }
    starts.push(needed.length);
  }
  const order = topologicalOrder({ needed, starts });
  if (order.length < nodes.length) throw new ValueError(`${nodes.length - order.length} nodes in a cycle`);
  return order;
}

function link(
  number: number,
  nodes: readonly NodeDef[],
  operations: readonly Operation[],
  { sources, indices, starts }: Wires,
  mapped: MappedInputs,
): void {
  const node = nodes[number] as NodeDef;
  const inputs: Output[] = [];
  const before: Operation[] = [];
  const start = starts[number] as number;
  for (let i = 0; i < node.input.length; i++) {
    const index = indices[start + i] as number;
    const source = operations[sources[start + i] as number] ?? mapped.take(node.input[i] as string);
    if (index === CONTROL) before.push("op" in source ? source.op : source);
    else if (before.length === 0) inputs.push("op" in source ? source : outputOf(source, index, node));
    else {
      throw new ValueError(`Node '${node.name}': Control dependencies must come after regular dependencies`, {
        op: node.name,
      });
    }
  }
  const op = operations[number] as Operation;
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

function followRenaming(op: Operation, find: (name: string) => Operation | undefined): void {
  const groups = op.attrs.get("_class")?.list?.s;
  if (groups === undefined) return;
  let isRenamed = false;
  const names = groups.map((bytes) => {
    const group = utf8.decode(bytes);
    if (!group.startsWith("loc:@")) return group;
    const name = group.slice(5);
    const target = find(name);
    isRenamed ||= target?.name !== name;
    if (target !== undefined) return `loc:@${target.name}`;
    throw new ValueError(`Node '${op.name}' expects to be colocated with unknown node '${group.slice(5)}'`, {
      op: op.name,
    });
  });
  if (isRenamed) op.attrs.set("_class", attr.strings(names));
}
