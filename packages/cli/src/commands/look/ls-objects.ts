import { formatCount } from "@tfsaver/checkpoint-tools/printing";
import { formatShape, isCheckpointError } from "@tfsaver/core";
import { type CheckpointObject, type ObjectTensor, objectGraph } from "@tfsaver/object-checkpoint";
import type { Context } from "../../context.js";
import { NotThereError } from "../../errors.js";
import { colors } from "../../output/colors.js";
import { columns } from "../../output/columns.js";
import type { JsonOption } from "../../output/json.js";
import { printJsonArray } from "../../output/json.js";
import { printable } from "../../output/printable.js";

/** Deeper levels are not indented further. */
const MAX_INDENT = 20;

/**
 * `tfckpt ls --objects`: prints the objects of an object-based checkpoint as a tree, with their tensors: dtype, shape, graph name
 * and key.
 */
export async function lsObjects(prefix: string, options: JsonOption, context: Context): Promise<void> {
  const { storage, signal, stdout } = context;
  const root = await objectGraph(prefix, { storage, signal }).catch((error: unknown) => {
    if (!isCheckpointError(error, "ValueError")) throw error;
    throw new NotThereError(`${prefix} is not an object-based checkpoint: it has no object graph`, { cause: error });
  });
  const lines = [...treeOf(root)];
  const objects = lines.flatMap(({ object, isAgain }) => (isAgain ? [] : [object]));
  if (options.json) return printJsonArray(recordsOf(objects), context);
  const { bold, dim } = colors(stdout);
  const hasKinds = objects.some(({ kind }) => kind !== undefined);
  const cells = lines.flatMap((line) => cellsOf(line).map((cells) => cells.filter((_, i) => i !== 1 || hasKinds)));
  const heads = ["object", "kind", "dtype", "shape", "name", "key"].filter((_, i) => i !== 1 || hasKinds);
  const [head = "", ...rows] = columns([heads, ...cells], []);
  await stdout.line(head, bold);
  for (const row of rows) await stdout.line(row);
  const count = objects.reduce((sum, { tensors }) => sum + tensors.length, 0);
  await stdout.line(`${formatCount(objects.length, "object")}, ${formatCount(count, "tensor")}`, dim);
}

/** A line of the tree. */
interface TreeLine {
  readonly label: string;
  readonly depth: number;
  readonly object: CheckpointObject;
  /** True if the object is in an earlier line too. */
  readonly isAgain: boolean;
}

/** Yields the objects, each with what is below it. What several edges lead to is below the first one. */
function* treeOf(root: CheckpointObject): Generator<TreeLine> {
  const seen = new Set<CheckpointObject>();
  const stack = [{ label: "(root)", depth: 0, object: root }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { object, depth } = next;
    const isAgain = seen.has(object);
    yield { ...next, isAgain };
    if (isAgain) continue;
    seen.add(object);
    const slots = object.slots.map(({ name, variable, value }) => ({ label: `${name} of ${variable.path}`, value }));
    const below = [
      ...[...object.children].map(([label, child]) => ({ label, depth: depth + 1, object: child })),
      ...slots.map(({ label, value }) => ({ label, depth: depth + 1, object: value })),
    ];
    for (const one of below.reverse()) stack.push(one);
  }
}

function cellsOf({ label, depth, object, isAgain }: TreeLine): string[][] {
  const indent = "  ".repeat(Math.min(depth, MAX_INDENT));
  const text = indent + (label === "" ? '""' : printable(label));
  if (isAgain) return [[`${text} → ${printable(object.path)}`, "", "", "", "", ""]];
  const tensorCells = ({ dtype, shape, fullName, key }: ObjectTensor) => [
    dtype,
    formatShape(shape),
    printable(fullName),
    printable(key),
  ];
  const [first, ...others] = object.tensors;
  return [
    [text, printable(object.kind ?? ""), ...(first === undefined ? ["", "", "", ""] : tensorCells(first))],
    ...others.map((tensor) => [`${indent}  `, "", ...tensorCells(tensor)]),
  ];
}

/** Returns a record for each tensor, in the order in which the checkpoint numbers its objects. */
function recordsOf(objects: readonly CheckpointObject[]): object[] {
  const byNumber = [...objects].sort((a, b) => a.id - b.id);
  return byNumber.flatMap(({ id, tensors }) =>
    tensors.map(({ fullName, key }) => ({ name: fullName, key, object: id })),
  );
}
