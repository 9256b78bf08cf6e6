import { UnimplementedError } from "@tfsaver/core";
import { type Graph, group, type Operation, type Output } from "@tfsaver/graph";
import { restoreV2 } from "@tfsaver/saver-builders";
import type { GraphTarget } from "./restore-targets.js";

/**
 * Adds operations that restore some targets alone: for every restore operation of the saver another one on the same device,
 * which reads the wanted tensors under their keys in the checkpoint, and copies of the operations that assign them.
 *
 * @param keys - keys in the checkpoint, by the saver's names
 * @returns an operation that runs all of them
 * @throws `UnimplementedError` if a restore operation is part of a loop.
 */
export function addPartialRestore(
  graph: Graph,
  targets: readonly GraphTarget[],
  keys: ReadonlyMap<string, string>,
): Operation {
  return graph.withoutScopes(() =>
    graph.withNameScope("restore_matching", () => {
      const restored = readAgain(graph, targets, keys);
      const copies = new Map<Operation, Operation | "begun">();
      const done = targets.map(({ op }) => copyWith(op, restored, copies));
      return group(done, { graph, name: "restore_all" });
    }),
  );
}

/** Adds the restore operations. Returns the new outputs, by the outputs that they replace. */
function readAgain(
  graph: Graph,
  targets: readonly GraphTarget[],
  keys: ReadonlyMap<string, string>,
): Map<Output, Output> {
  const bySource = new Map<Operation, { output: Output; key: string; sliceSpec: string }[]>();
  for (const { outputs, tensors } of targets) {
    for (const [i, output] of outputs.entries()) {
      const { name = "", sliceSpec = "" } = tensors[i] ?? {};
      const wanted = bySource.get(output.op) ?? [];
      wanted.push({ output, key: keys.get(name) ?? name, sliceSpec });
      bySource.set(output.op, wanted);
    }
  }
  const restored = new Map<Output, Output>();
  for (const [{ inputs, device }, wanted] of bySource) {
    const what = { names: wanted.map(({ key }) => key), slices: wanted.map(({ sliceSpec }) => sliceSpec) };
    const dtypes = wanted.map(({ output }) => output.dtype as NonNullable<Output["dtype"]>);
    const read = graph.withDevice(device, () => restoreV2(inputs[0] as Output, what, dtypes));
    for (const [i, { output }] of wanted.entries()) restored.set(output, read[i] as Output);
  }
  return restored;
}

/** Copies an operation, and those that it depends on, with other values. Operations that do not use the values stay. */
function copyWith(
  op: Operation,
  values: ReadonlyMap<Output, Output>,
  copies: Map<Operation, Operation | "begun">,
): Operation {
  const known = copies.get(op);
  if (known === "begun") {
    throw new UnimplementedError(`${op.name} restores a tensor inside a loop, so the tensor can't be restored alone`, {
      op: op.name,
    });
  }
  if (known !== undefined) return known;
  copies.set(op, "begun");
  const inputs = op.inputs.map((input) => {
    const value = values.get(input);
    if (value !== undefined) return value;
    return (copyWith(input.op, values, copies).outputs[input.index] ?? input) as Output;
  });
  const isSame = inputs.every((input, i) => input === op.inputs[i]);
  const copy = isSame
    ? op
    : op.graph.withDevice(op.device, () =>
        op.graph.createOperation(op.type, {
          name: op.name.slice(op.name.lastIndexOf("/") + 1),
          inputs,
          attrs: Object.fromEntries(op.attrs),
        }),
      );
  copies.set(op, copy);
  return copy;
}
