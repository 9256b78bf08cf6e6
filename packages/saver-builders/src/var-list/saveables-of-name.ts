import { ValueError } from "@tfsaver/core";
import { Output, PartitionedVariable, Variable } from "@tfsaver/graph";
import { SaveableObject } from "../saveables/saveable-object.js";
import { REFERENCE_OPS, ReferenceVariableSaveable, ResourceVariableSaveable } from "../saveables/variable-saveables.js";
import { describeValue } from "./describe-value.js";
import { declaredBy, isTrackable } from "./trackable.js";
import { type NamedSaveable, type Saveable, SERIALIZED_TENSORS, VARIABLE_VALUE } from "./var-list.js";

/**
 * Returns the saveables of one entry of a dictionary (`saveable_objects_for_op`).
 *
 * @throws `TypeError` if the value can't be saved; `ValueError` if it is a list of anything but slices of one variable.
 */
export function saveablesOfName(name: string, value: NamedSaveable): SaveableObject[] {
  if (value instanceof SaveableObject) return [value];
  if (value instanceof PartitionedVariable) return slicesOf(name, value.parts);
  if (isList(value)) return slicesOf(name, value);
  if (isTrackable(value)) {
    const isWhole = (attribute: string) => attribute === VARIABLE_VALUE || attribute === SERIALIZED_TENSORS;
    const nameOf = (attribute: string) => (isWhole(attribute) ? name : `${name}_${attribute}`);
    return declaredBy(value, nameOf).flatMap((declared) => saveablesOfName(ownName(declared), declared));
  }
  return [variableSaveable(name, value)];
}

function isList(value: NamedSaveable): value is readonly Saveable[] {
  return Array.isArray(value);
}

function ownName(declared: Saveable): string {
  if (typeof declared?.name === "string") return declared.name;
  throw new TypeError(`A saveable that an object declares needs a name: ${describeValue(declared)}`);
}

/** Returns a saveable for each slice of a partitioned variable, all under its name. */
function slicesOf(name: string, slices: readonly Saveable[]): SaveableObject[] {
  let fullName: string | undefined;
  return slices.map((slice) => {
    if (slice instanceof SaveableObject) return slice;
    if (!(slice instanceof Variable)) throw new ValueError(`Slices must all be Variables: ${describeValue(slice)}`);
    const info = slice.saveSliceInfo;
    if (info === undefined) throw new ValueError(`Slices must all be slices: ${slice.name}`);
    fullName ??= info.fullName;
    if (fullName !== info.fullName) {
      throw new ValueError(`Slices must all be from the same tensor: ${fullName} != ${info.fullName}`);
    }
    const kind = slice.isResource ? ResourceVariableSaveable : ReferenceVariableSaveable;
    return kind.ofSlice(slice, info, name);
  });
}

/**
 * Returns the saveable of a whole variable, given by itself, its reference or a read of it. A slice of a partitioned variable
 * counts as a variable.
 *
 * @throws `TypeError` if an output is neither.
 */
export function variableSaveable(name: string, value: Variable | Output): SaveableObject {
  const output = value instanceof Variable ? value.graphElement : value;
  if (output instanceof Output) {
    if (REFERENCE_OPS.has(output.op.type)) return new ReferenceVariableSaveable(output, name);
    if (output.op.type === "ReadVariableOp") return ResourceVariableSaveable.ofRead(output, name);
  }
  throw new TypeError(
    "names_to_saveables must be a dict mapping string names to Tensors/Variables. " +
      `Not a variable: ${describeValue(value)}`,
  );
}
