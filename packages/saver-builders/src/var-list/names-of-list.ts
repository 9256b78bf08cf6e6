import { ValueError } from "@tfsaver/core";
import { Output, PartitionedVariable, Variable } from "@tfsaver/graph";
import { SaveableObject } from "../saveables/saveable-object.js";
import { REFERENCE_OPS } from "../saveables/variable-saveables.js";
import { compareCodePoints } from "./compare-code-points.js";
import { describeValue } from "./describe-value.js";
import { declaredBy, isTrackable } from "./trackable.js";
import type { NamedSaveable, NestedSaveables, Saveable } from "./var-list.js";

/**
 * Names the items of a list (`op_list_to_dict`).
 *
 * @throws `TypeError` if an item can't be saved or has no name to sort it by; `ValueError` if two variables have the same
 * name.
 */
export function namesOfList(list: NestedSaveables): Map<string, NamedSaveable> {
  const items = (list as readonly unknown[])
    .flat(Number.POSITIVE_INFINITY)
    .map((item) => [sortName(item), item as Saveable] as const);
  items.sort(([a], [b]) => compareCodePoints(a, b));
  const byName = new Map<string, NamedSaveable>();
  for (const [, item] of items) {
    // As in TensorFlow, a saveable silently replaces an earlier one of the same name, and so does a declared one.
    if (item instanceof SaveableObject) byName.set(item.name, item);
    else if (item instanceof Variable && item.saveSliceInfo !== undefined) {
      addSlice(byName, item.saveSliceInfo.fullName, item);
    } else if (isTrackable(item)) {
      for (const [name, declared] of namesOfList(declaredBy(item, () => undefined))) byName.set(name, declared);
    } else {
      const name = checkpointName(item);
      if (byName.has(name)) throw new ValueError(`At least two variables have the same name: ${name}`);
      byName.set(name, item);
    }
  }
  return byName;
}

/** Returns the name to sort an item by. A variable's `:0` counts: `a/x:0` is before `a:0`. */
function sortName(item: unknown): string {
  const known =
    item instanceof Variable ||
    item instanceof Output ||
    item instanceof PartitionedVariable ||
    item instanceof SaveableObject;
  if (known) return item.name;
  if (!isTrackable(item)) throw new TypeError(`Variable to save is not a Variable: ${describeValue(item)}`);
  if (typeof item.name === "string") return item.name;
  throw new TypeError(`An object in a list of variables to save needs a name: ${describeValue(item)}`);
}

function addSlice(byName: Map<string, NamedSaveable>, name: string, slice: Variable): void {
  const known = byName.get(name);
  if (known === undefined) byName.set(name, [slice]);
  else if (Array.isArray(known)) known.push(slice);
  else throw new ValueError(`Mixing slices and non-slices with the same name: ${name}`);
}

function checkpointName(item: Variable | Output | PartitionedVariable): string {
  if (item instanceof PartitionedVariable) return item.name;
  if (item instanceof Variable || REFERENCE_OPS.has(item.op.type)) return item.op.name;
  if (item.op.type === "ReadVariableOp" && item.op.inputs[0] !== undefined) return item.op.inputs[0].op.name;
  throw new TypeError(`Variable to save is not a Variable: ${item.name}`);
}
