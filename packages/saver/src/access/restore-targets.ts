import {
  type DType,
  InvalidArgumentError,
  type PartialShape,
  parseShapeAndSlice,
  type Tensor,
  tensorStrings,
} from "@tfsaver/core";
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
  const textsOf = constantTexts();
  return membersOf(graph.operation(restoreOpName)).map((op) => {
    const outputs = restoredOutputs(op);
    const shape = outputs.length === 1 ? assignedShape(op) : undefined;
    return { op, outputs, tensors: outputs.map((output) => describe(output, shape, textsOf)) };
  });
}

/** The output of a restore operation that a value is made of, if it is of one. */
export function storedForm(value: Output): Output | undefined {
  const [output, ...others] = isRestored(value) ? [value] : restoredOutputs(value.op);
  return others.length === 0 ? output : undefined;
}

/** What a group waits for, and what groups in it wait for, each once and in their order. */
function membersOf(group: Operation): Operation[] {
  const seen = new Set([group]);
  // A set that grows is walked to its new end.
  for (const op of seen) if (op.type === "NoOp") for (const member of op.controlInputs) seen.add(member);
  return [...seen].filter(({ type }) => type !== "NoOp");
}

function isRestored({ op }: Output): boolean {
  return RESTORE_OPS.has(op.type);
}

/** The outputs of restore operations that an operation depends on, each once. */
function restoredOutputs(op: Operation): Output[] {
  const found = new Set<Output>();
  const seen = new Set([op]);
  const left = [op];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const before: Operation[] = [];
    for (const input of next.inputs) {
      if (isRestored(input)) found.add(input);
      else if (!seen.has(input.op)) before.push(input.op);
      seen.add(input.op);
    }
    left.push(...before.reverse());
  }
  return [...found];
}

/** The shape of what an operation assigns to, as far as it is known. */
function assignedShape({ type, inputs }: Operation): PartialShape {
  const [target] = inputs;
  if (type === "Assign") return target?.shape;
  if (type !== "AssignVariableOp" || target === undefined) return undefined;
  return target.op.attributes.has("shape") ? target.op.attributes.shape("shape") : undefined;
}

function describe({ op, index, dtype }: Output, assigned: PartialShape, textsOf: TextsOf): TargetTensor {
  const [, names, slices] = op.inputs;
  const name = textsOf(names)[index] ?? "";
  const sliceSpec = op.type === "Restore" ? "" : (textsOf(slices)[index] ?? "");
  const shape = sliceSpec === "" ? assigned : parseShapeAndSlice(sliceSpec)?.shape;
  return { name, dtype: dtype as DType, shape, sliceSpec };
}

type TextsOf = (values: Output | undefined) => readonly string[];

/** Reads constants, each once: a saver has one for the names of all its tensors. */
function constantTexts(): TextsOf {
  const known = new Map<Output, readonly string[]>();
  return (values) => {
    if (values?.op.type !== "Const") {
      const op = values?.op.name;
      throw new InvalidArgumentError("The saver's graph works out the names of tensors only when it runs", { op });
    }
    const texts = known.get(values) ?? tensorTexts(tensorFromProto(values.op.attributes.tensor("value")));
    known.set(values, texts);
    return texts;
  };
}

function tensorTexts(tensor: Tensor): readonly string[] {
  return tensorStrings(tensor).map((bytes) => new TextDecoder().decode(bytes));
}
