import { DataLossError, dtypeToEnum, MAX_RANK, toTensor, UnimplementedError } from "@tfsaver/core";
import { builtInOpDef, shapeToProto, tensorToProto } from "@tfsaver/graph";
import type { AttrValue, NodeDef, OpDef } from "@tfsaver/proto/graph";
import { type FrozenValue, handsOn, isLoop, plainType, type Scope } from "./scope.js";

/** Attributes that name functions, of operations that call them, and the number of inputs before those of the function. */
const CALLERS: Readonly<
  Record<string, { readonly functions: readonly string[]; readonly types: string; readonly before: number }>
> = {
  If: { functions: ["then_branch", "else_branch"], types: "Tin", before: 1 },
  StatelessIf: { functions: ["then_branch", "else_branch"], types: "Tin", before: 1 },
  Case: { functions: ["branches"], types: "Tin", before: 1 },
  StatelessCase: { functions: ["branches"], types: "Tin", before: 1 },
  While: { functions: ["cond", "body"], types: "T", before: 0 },
  StatelessWhile: { functions: ["cond", "body"], types: "T", before: 0 },
  PartitionedCall: { functions: ["f"], types: "Tin", before: 0 },
  StatefulPartitionedCall: { functions: ["f"], types: "Tin", before: 0 },
};

/** What the rewriting of nodes needs to know of the whole graph. */
export interface Rewriting {
  /** Returns the name of a copy of a function that takes values, by the number of the argument, in the place of variables. */
  readonly freezeFunction: (name: string, values: ReadonlyMap<number, FrozenValue>) => string;
  /** Operation definitions of the file, by type. */
  readonly opDefs: ReadonlyMap<string, OpDef>;
}

/**
 * Rewrites the nodes that used variables, so that they use values. The nodes are changed in place.
 *
 * @param values - the values by source
 * @returns nodes to add
 * @throws `UnimplementedError` for a node that writes to a variable, or uses it in a way that no value can replace.
 */
export function rewriteNodes(scope: Scope, values: ReadonlyMap<string, FrozenValue>, rewriting: Rewriting): NodeDef[] {
  const added: NodeDef[] = [];
  for (const node of scope.nodes) {
    const inputs = new Map<number, FrozenValue>();
    for (const [i, input] of node.input.entries()) {
      const value = values.get(scope.sourceOf(input) ?? "");
      if (value !== undefined) inputs.set(i, value);
    }
    if (inputs.size === 0) continue;
    for (const other of rewriteNode(node, inputs, scope, rewriting)) added.push(other);
  }
  return added;
}

function rewriteNode(
  node: NodeDef,
  inputs: ReadonlyMap<number, FrozenValue>,
  scope: Scope,
  rewriting: Rewriting,
): NodeDef[] {
  const [value] = inputs.values() as Iterable<FrozenValue> as [FrozenValue];
  const { op, attr } = node;
  if (handsOn(op)) {
    if (!value.isRef) attr.set("T", { type: value.type });
    node.op = plainType(op);
    attr.delete("_output_shapes");
    return [];
  }
  if (op === "IsVariableInitialized" || op === "VarIsInitializedOp") {
    replace(
      node,
      "Const",
      [],
      [
        ["dtype", { type: dtypeToEnum("bool") }],
        ["value", { tensor: tensorToProto(toTensor(true)) }],
      ],
    );
    return [];
  }
  if (value.isRef) {
    requireReader(node, value, rewriting.opDefs);
    return [];
  }
  const dtype = attr.get("dtype") ?? { type: value.type };
  switch (op) {
    case "ReadVariableOp":
      replace(node, "Identity", node.input, [["T", dtype]]);
      return [];
    case "VariableShape":
      replace(node, "Shape", node.input, [
        ["T", { type: value.type }],
        ["out_type", outType(attr)],
      ]);
      return [];
    case "ResourceGatherNd":
      replace(node, "GatherNd", node.input, [
        ["Tparams", dtype],
        ["Tindices", attr.get("Tindices")],
      ]);
      return [];
    case "ResourceGather":
      return [gather(node, dtype, scope)];
  }
  if (op in CALLERS) rewriteCaller(node, inputs, rewriting);
  else throw unusable(node, value);
  return [];
}

function outType(attr: ReadonlyMap<string, AttrValue>): AttrValue {
  return attr.get("out_type") ?? { type: dtypeToEnum("int32") };
}

/** Replaces the operation of a node. It stays where it was placed. */
function replace(
  node: NodeDef,
  op: string,
  input: string[],
  attrs: readonly (readonly [string, AttrValue | undefined])[],
): void {
  const place = node.attr.get("_class");
  node.op = op;
  node.input = input;
  node.attr = new Map();
  for (const [name, value] of attrs) if (value !== undefined) node.attr.set(name, value);
  if (place !== undefined) node.attr.set("_class", place);
}

/** Turns a ResourceGather into a GatherV2, which has its axis as a third input. */
function gather(node: NodeDef, dtype: AttrValue, scope: Scope): NodeDef {
  const batchDims = node.attr.get("batch_dims")?.i ?? 0n;
  if (batchDims > MAX_RANK || batchDims < -MAX_RANK) {
    throw new DataLossError(`The operation ${node.name} has batch_dims ${batchDims}`, { op: node.name });
  }
  const int32 = dtypeToEnum("int32");
  const axis: NodeDef = {
    name: `${node.name}/frozen_axis`,
    op: "Const",
    input: scope.controlsOf(node.input[1] ?? ""),
    device: node.device,
    attr: new Map<string, AttrValue>([
      ["dtype", { type: int32 }],
      ["value", { tensor: tensorToProto(toTensor(Number(batchDims), "int32")) }],
    ]),
  };
  const [params = "", indices = "", ...control] = node.input;
  const attrs: [string, AttrValue | undefined][] = [
    ["Tparams", dtype],
    ["Tindices", node.attr.get("Tindices")],
    ["Taxis", { type: int32 }],
  ];
  if (batchDims !== 0n) attrs.push(["batch_dims", { i: batchDims }]);
  replace(node, "GatherV2", [params, indices, axis.name, ...control], attrs);
  return axis;
}

/** Makes the functions that a node calls take values. */
function rewriteCaller(node: NodeDef, inputs: ReadonlyMap<number, FrozenValue>, rewriting: Rewriting): void {
  const { functions, types, before } = CALLERS[node.op] as (typeof CALLERS)[string];
  const taken = new Map([...inputs].map(([i, value]) => [i - before, value]));
  for (const name of functions) {
    const attr = node.attr.get(name);
    for (const called of attr?.func ? [attr.func] : (attr?.list?.func ?? [])) {
      called.name = rewriting.freezeFunction(called.name, taken);
    }
  }
  const dtypes = node.attr.get(types)?.list?.type;
  const shapes = node.attr.get("output_shapes")?.list?.shape;
  for (const [i, value] of taken) {
    if (dtypes?.[i] === undefined) throw new DataLossError(`${node.name} has no type for its input ${i}`);
    dtypes[i] = value.type;
    if (isLoop(node.op) && shapes?.[i] !== undefined) shapes[i] = shapeToProto(value.shape);
  }
  node.attr.delete("_output_shapes");
}

/** Makes sure that an operation only reads a reference. */
function requireReader(node: NodeDef, value: FrozenValue, opDefs: ReadonlyMap<string, OpDef>): void {
  const opDef = opDefs.get(node.op) ?? builtInOpDef(node.op);
  if (opDef?.inputArg.some(({ isRef }) => isRef)) throw unusable(node, value);
}

function unusable({ name, op }: NodeDef, { variable }: FrozenValue): UnimplementedError {
  return new UnimplementedError(
    `The operation ${name} (${op}) can't use a constant in the place of the variable ${variable}. Choose outputs that do not ` +
      "depend on operations that change variables.",
    { op: name },
  );
}
