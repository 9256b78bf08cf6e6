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
  /** Name in the checkpoint. */
  readonly name: string;
  /** Dtype in the checkpoint. */
  readonly dtype: DType;
  /** Expected shape of the whole tensor; unknown dimensions accept any size. */
  readonly shape: PartialShape;
  /** The slice that is restored, as `shape_and_slice` text; `""` for the whole tensor. */
  readonly sliceSpec: string;
}

/** Tensors that are restored together: all of them, or none. */
export interface RestoreTarget {
  readonly tensors: readonly TargetTensor[];
}

/** A target in a graph. */
export interface GraphTarget extends RestoreTarget {
  /** Assigns the values. */
  readonly op: Operation;
  /** Outputs of the restore operation, one for each tensor. */
  readonly outputs: readonly Output[];
}

const RESTORE_OPS: ReadonlySet<string> = new Set(["RestoreV2", "RestoreSlice", "Restore"]);

/**
 * Returns the tensors that a saver's operations restore. Reads them from the graph, so this works for any builder and for
 * imported graphs.
 *
 * @throws `InvalidArgumentError` if the graph computes tensor names only when it runs.
 */
export function graphTargets(graph: Graph, { restoreOpName }: SaverDef): GraphTarget[] {
  const textsOf = constantTexts();
  return membersOf(graph.operation(restoreOpName)).map((op) => {
    const outputs = restoredOutputs(op);
    const shape = outputs.length === 1 ? assignedShape(op) : undefined;
    return { op, outputs, tensors: outputs.map((output) => describe(output, shape, textsOf)) };
  });
}

/** Returns the output of a restore operation that a value is computed from; undefined if there are none or several. */
export function storedForm(value: Output): Output | undefined {
  const [output, ...others] = isRestored(value) ? [value] : restoredOutputs(value.op);
  return others.length === 0 ? output : undefined;
}

/** Returns the operations that a group and its nested groups wait for, each once, in order. */
function membersOf(group: Operation): Operation[] {
  const seen = new Set([group]);
  // The loop visits members that are added while it runs.
  for (const op of seen) if (op.type === "NoOp") for (const member of op.controlInputs) seen.add(member);
  return [...seen].filter(({ type }) => type !== "NoOp");
}

function isRestored({ op }: Output): boolean {
  return RESTORE_OPS.has(op.type);
}

/** Returns the outputs of restore operations that an operation depends on, each once. */
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
    for (const op of before.reverse()) left.push(op);
  }
  return [...found];
}

/** Returns the shape of the variable that an operation assigns to, as far as it is known. */
function assignedShape({ type, inputs }: Operation): PartialShape {
  const [target] = inputs;
  if (type === "Assign") return target?.shape;
  if (type !== "AssignVariableOp" || target === undefined) return undefined;
  return target.op.attributes.has("shape") ? target.op.attributes.shape("shape") : undefined;
}

function describe({ op, index, dtype }: Output, assigned: PartialShape, textsOf: TextsOf): TargetTensor {
  const [, names, slices] = op.inputs;
  const count = op.outputs.length;
  const name = textsOf(names, count)[index] ?? "";
  const sliceSpec = op.type === "Restore" ? "" : (textsOf(slices, count)[index] ?? "");
  const shape = sliceSpec === "" ? assigned : parseShapeAndSlice(sliceSpec)?.shape;
  return { name, dtype: dtype as DType, shape, sliceSpec };
}

/** @param wanted - number of texts that there must be */
type TextsOf = (values: Output | undefined, wanted: number) => readonly string[];

/** Returns a reader of constants that decodes each only once: one constant holds the names of all tensors. */
function constantTexts(): TextsOf {
  const known = new Map<Output, readonly string[]>();
  return (values, wanted) => {
    if (values?.op.type !== "Const") {
      const op = values?.op.name;
      throw new InvalidArgumentError(
        "The saver's graph computes tensor names only when it runs, so it can't be told what it restores",
        { op },
      );
    }
    const { op } = values;
    const count = op.attributes.tensor("value").tensorShape?.dim.reduce((product, { size }) => product * size, 1) ?? 1;
    // Checked before the texts are decoded: a constant can repeat a text any number of times.
    if (count !== wanted) {
      throw new InvalidArgumentError(`${op.name} has ${count} texts for the ${wanted} tensors to restore`, {
        op: op.name,
      });
    }
    const texts = known.get(values) ?? tensorTexts(tensorFromProto(values.op.attributes.tensor("value")));
    known.set(values, texts);
    return texts;
  };
}

function tensorTexts(tensor: Tensor): readonly string[] {
  return tensorStrings(tensor).map((bytes) => new TextDecoder().decode(bytes));
}
