import { ValueError } from "@tfsaver/core";
import type { NodeDef } from "@tfsaver/proto/graph";
import type { Operation, Output } from "../model/graph.js";
import { inputTypes, type ValueType } from "../ops/op-signature.js";
import { type MappedInputs, parseInput } from "./mapped-inputs.js";
import { type Needs, topologicalOrder } from "./topological-order.js";

/** The inputs of all nodes in flat lists, node after node: a list for each node would dominate the import time. */
export interface Wires {
  /** Number of the node that each input comes from, or {@link MAPPED}. */
  readonly sources: readonly number[];
  /** Index of the output that each input takes, or {@link CONTROL}. */
  readonly indices: readonly number[];
  /** Position at which the inputs of each node start. */
  readonly starts: readonly number[];
}

/** The source of an input that an input map replaces. */
const MAPPED = -1;
/** The index of a control input. */
const CONTROL = -1;

/** @throws `ValueError` if an input names a node that does not exist. */
export function wiresOf(nodes: readonly NodeDef[], numbers: ReadonlyMap<string, number>, mapped: MappedInputs): Wires {
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

/**
 * Orders nodes so that each comes after the nodes it depends on.
 *
 * @throws `ValueError` if nodes depend on each other in a cycle other than that of a loop.
 */
export function topologicalNodes(nodes: readonly NodeDef[], wires: Wires): number[] {
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
  if (order.length < nodes.length) throw cycleError(nodes, order, { needed, starts });
  return order;
}

/** Maximum number of nodes of a cycle that are named. */
const SHOWN = 5;

function cycleError(nodes: readonly NodeDef[], order: readonly number[], { needed, starts }: Needs): ValueError {
  const left = new Set(nodes.keys());
  for (const number of order) left.delete(number);
  // Each node that is left needs another one that is left, so following them leads into a cycle.
  const path: number[] = [];
  const places = new Map<number, number>();
  let [at = 0] = left;
  while (!places.has(at)) {
    places.set(at, path.push(at) - 1);
    at = needed.slice(starts[at], starts[at + 1]).find((source) => left.has(source)) as number;
  }
  const names = path.slice(places.get(at)).map((number) => (nodes[number] as NodeDef).name);
  const shown = [...names.slice(0, SHOWN), ...(names.length > SHOWN ? ["…"] : []), names[0]];
  return new ValueError(`${left.size} nodes in a cycle: ${shown.join(" ← ")}`, { op: names[0] });
}

/**
 * Sets the inputs of the operation of one node.
 *
 * @throws `ValueError` if an input does not exist or does not fit the operation.
 */
export function wireInputs(
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

/** @throws `ValueError` if the inputs don't fit the definition of the operation, where that is known. */
function requireFitting(op: Operation, inputs: readonly Output[]): void {
  const def = op.graph.opDef(op.type);
  if (def === undefined) return;
  const expected = inputTypes(def, op.attrs, op.name);
  if (inputs.length !== expected.length) {
    throw new ValueError(`Node '${op.name}' (${op.type}) has ${inputs.length} inputs, expected ${expected.length}`, {
      op: op.name,
    });
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
