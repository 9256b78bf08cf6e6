import { type DType, InvalidArgumentError, type PartialShape, parseShapeAndSlice } from "@tfsaver/core";
import { type Graph, type Operation, type Output, tensorFromProto } from "@tfsaver/graph";
import type { SaverDef } from "@tfsaver/proto/saver";

/** A tensor that a saver restores. */
export interface TargetTensor {
  /** Its name in the checkpoint. */
  readonly name: string;
  /** As it is stored. */
  readonly dtype: DType;
  /** Of the whole tensor, as far as it is known what will fit. */
  readonly shape: PartialShape;
  /** Which part of it is restored, as `shape_and_slice` text; `""` for the whole. */
  readonly sliceSpec: string;
}

/** What is restored together: all of its tensors, or none. */
export interface RestoreTarget {
  readonly tensors: readonly TargetTensor[];
}

/** A target in a graph. */
export interface GraphTarget extends RestoreTarget {
  /** Puts the values in place. */
  readonly op: Operation;
  /** Where each of the tensors is read. */
  readonly outputs: readonly Output[];
}

const RESTORE_OPS: ReadonlySet<string> = new Set(["RestoreV2", "RestoreSlice", "Restore"]);

/**
 * What the operations of a saver restore, found in the graph itself: that holds for any builder, and for graphs that were
 * imported.
 *
 * @throws `InvalidArgumentError` if the graph works out names only when it runs.
 */
export function graphTargets(graph: Graph, { restoreOpName }: SaverDef): GraphTarget[] {
  return membersOf(graph.operation(restoreOpName)).map((op) => {
    const outputs = [...restoredOutputs(op)];
    const shape = outputs.length === 1 ? assignedShape(op) : undefined;
    return { op, outputs, tensors: outputs.map((output) => describe(output, shape)) };
  });
}

/** The output of a restore operation that a value is made of, if it is of one. */
export function storedForm(value: Output): Output | undefined {
  const [output, ...others] = isRestored(value) ? [value] : restoredOutputs(value.op);
  return others.length === 0 ? output : undefined;
}

/** What a group waits for, and what groups in it wait for. */
function membersOf(op: Operation): Operation[] {
  if (op.type !== "NoOp") return [op];
  return [...new Set([...op.controlInputs].flatMap(membersOf))];
}

function isRestored({ op }: Output): boolean {
  return RESTORE_OPS.has(op.type);
}

/** The outputs of restore operations that an operation depends on, each once. */
function restoredOutputs(op: Operation, found = new Set<Output>()): Set<Output> {
  for (const input of op.inputs) {
    if (isRestored(input)) found.add(input);
    else restoredOutputs(input.op, found);
  }
  return found;
}

/** The shape of what an operation assigns to, as far as it is known. */
function assignedShape({ type, inputs }: Operation): PartialShape {
  const [target] = inputs;
  if (type === "Assign") return target?.shape;
  if (type !== "AssignVariableOp" || target === undefined) return undefined;
  return target.op.attributes.has("shape") ? target.op.attributes.shape("shape") : undefined;
}

function describe({ op, index, dtype }: Output, assigned: PartialShape): TargetTensor {
  const [, names, slices] = op.inputs;
  const name = constantText(names, index);
  const sliceSpec = op.type === "Restore" ? "" : constantText(slices, index);
  const shape = sliceSpec === "" ? assigned : parseShapeAndSlice(sliceSpec)?.shape;
  return { name, dtype: dtype as DType, shape, sliceSpec };
}

function constantText(values: Output | undefined, index: number): string {
  if (values?.op.type !== "Const") {
    const op = values?.op.name;
    throw new InvalidArgumentError("The saver's graph works out the names of tensors only when it runs", { op });
  }
  const { data } = tensorFromProto(values.op.attributes.tensor("value"));
  return new TextDecoder().decode((data as readonly Uint8Array[])[index]);
}
