import { ValueError } from "@tfsaver/core";
import type { NodeDef, TensorShapeProto } from "@tfsaver/proto/graph";
import { attr } from "../model/attributes.js";
import { parseDevice } from "../model/devices/device-names.js";
import { type Graph, Operation } from "../model/graph.js";
import { requireOpName } from "../model/name-registry.js";
import { shapeFromProto } from "../model/shape-proto.js";
import { freeNames } from "./free-names.js";

const SHAPES = "_output_shapes";

/** The most outputs that all nodes together can have. It keeps a damaged count from exhausting memory. */
const MAX_OUTPUTS = 1 << 21;

/**
 * Numbers nodes by their names.
 *
 * @throws `ValueError` if two nodes have the same name.
 */
export function nodeNumbers(nodes: readonly NodeDef[]): Map<string, number> {
  const numbers = new Map<string, number>();
  for (let number = 0; number < nodes.length; number++) {
    const { name } = nodes[number] as NodeDef;
    if (numbers.has(name)) throw new ValueError(`Node '${name}' is not unique`, { op: name });
    numbers.set(name, number);
  }
  return numbers;
}

/** Makes the operations of nodes, still without inputs and not yet added to the graph. */
export function makeOperations(graph: Graph, nodes: readonly NodeDef[], prefix: string, consume: boolean): Operation[] {
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
    if (outputs > MAX_OUTPUTS) {
      throw new ValueError(`The graph has more than ${MAX_OUTPUTS} outputs, which is the limit; it may be damaged`);
    }
    operations.push(op);
  }
  return operations;
}

/** Sets the output shapes of an operation. For an unknown type, they also say how many outputs there are. */
function setShapes(op: Operation, shapes: readonly TensorShapeProto[]): void {
  const { isKnown } = op;
  for (let index = 0; index < shapes.length; index++) {
    const output = isKnown ? op.outputs[index] : op.outputOfUnknownType(index);
    if (output !== undefined) output.shape = shapeFromProto(shapes[index] as TensorShapeProto);
  }
}

const utf8 = new TextDecoder();

/**
 * Updates the colocation groups of an imported operation to the new names of their operations.
 *
 * @throws `ValueError` if a group names a node that is not in the message.
 */
export function renameColocation(op: Operation, find: (name: string) => Operation | undefined): void {
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
    throw new ValueError(`Node '${op.name}' expects to be colocated with unknown node '${name}'`, { op: op.name });
  });
  if (isRenamed) op.attrs.set("_class", attr.strings(names));
}
