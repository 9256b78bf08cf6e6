import { ValueError } from "@tfsaver/core";
import { Output, Variable } from "@tfsaver/graph";
import { SaveableObject } from "./saveable-object.js";
import { ReferenceVariableSaveable, ResourceVariableSaveable } from "./variable-saveables.js";

/** What a saver can be told to save: a variable, its reference or a read of it, or a saveable of one's own. */
export type Saveable = Variable | Output | SaveableObject;

/** Saveables in (nested) arrays, named after themselves; or by the names to save them under. */
export type VarList =
  | readonly (Saveable | readonly Saveable[])[]
  | ReadonlyMap<string, Named>
  | Readonly<Record<string, Named>>;

/** What one name stands for: something to save, or all slices of a partitioned variable. */
type Named = Saveable | readonly Saveable[];

/**
 * The saveables of a list or dictionary, sorted by name (`validate_and_slice_inputs`).
 *
 * @throws `TypeError` if it is neither, or holds what can't be saved; `ValueError` if a name stands for two variables
 * or a variable has two names, or if slices are not of one variable.
 */
export function saveablesOf(varList: VarList): SaveableObject[] {
  const byName = [...(isList(varList) ? namesOf(varList) : entriesOf(varList))];
  byName.sort(([a], [b]) => compareCodePoints(a, b));
  const seen = new Set<unknown>();
  const saveables = byName.flatMap(([name, value]) =>
    Array.isArray(value) ? slicesOf(name, value) : [toSaveable(name, value as Saveable)],
  );
  return saveables.map((saveable) => {
    if (seen.has(saveable.source)) {
      throw new ValueError(`The same saveable will be restored with two names: ${saveable.name}`);
    }
    seen.add(saveable.source);
    return saveable;
  });
}

/** The order of Python's strings; JavaScript's puts some rare characters before others. */
function compareCodePoints(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return (a.codePointAt(at) ?? -1) - (b.codePointAt(at) ?? -1);
}

function isList(varList: VarList): varList is readonly (Saveable | readonly Saveable[])[] {
  return Array.isArray(varList);
}

function entriesOf(varList: Exclude<VarList, readonly unknown[]>): [string, Named][] {
  if (!(varList instanceof Map) && !isRecord(varList)) {
    throw new TypeError(`Variables to save should be passed in a dict or a list. Got ${describe(varList)}`);
  }
  const entries = varList instanceof Map ? [...varList] : Object.entries(varList);
  for (const [name] of entries) {
    if (typeof name !== "string") {
      throw new TypeError(
        "names_to_saveables must be a dict mapping string names to trackable operations. " +
          `Name is not a string: ${describe(name)}`,
      );
    }
  }
  return entries;
}

function isRecord(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The names that the items of a list are saved under. */
function namesOf(list: readonly (Saveable | readonly Saveable[])[]): Map<string, Named> {
  const items = list.flat(Number.POSITIVE_INFINITY) as Saveable[];
  const named = items.map((item) => {
    if (!isSaveable(item)) throw new TypeError(`Variable to save is not a Variable: ${describe(item)}`);
    return item;
  });
  named.sort((a, b) => compareCodePoints(a.name, b.name));
  const byName = new Map<string, Named>();
  for (const item of named) {
    if (item instanceof Variable && item.saveSliceInfo !== undefined) {
      addSlice(byName, item.saveSliceInfo.fullName, item);
      continue;
    }
    const name = checkpointName(item);
    if (byName.has(name) && !(item instanceof SaveableObject)) {
      throw new ValueError(`At least two variables have the same name: ${name}`);
    }
    byName.set(name, item);
  }
  return byName;
}

function addSlice(byName: Map<string, Named>, name: string, slice: Variable): void {
  const known = byName.get(name);
  if (known === undefined) byName.set(name, [slice]);
  else if (Array.isArray(known)) known.push(slice);
  else throw new ValueError(`Mixing slices and non-slices with the same name: ${name}`);
}

/** Saveables of the slices of one partitioned variable, all under its name. */
function slicesOf(name: string, slices: readonly Saveable[]): SaveableObject[] {
  let fullName: string | undefined;
  return slices.map((slice) => {
    if (slice instanceof SaveableObject) return slice;
    if (!(slice instanceof Variable)) throw new ValueError(`Slices must all be Variables: ${describe(slice)}`);
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

function isSaveable(item: unknown): item is Saveable {
  return item instanceof Variable || item instanceof Output || item instanceof SaveableObject;
}

function checkpointName(item: Saveable): string {
  if (item instanceof SaveableObject) return item.name;
  if (item instanceof Variable || REFERENCE_OPS.has(item.op.type)) return item.op.name;
  if (item.op.type === "ReadVariableOp" && item.op.inputs[0] !== undefined) return item.op.inputs[0].op.name;
  throw new TypeError(`Variable to save is not a Variable: ${item.name}`);
}

const REFERENCE_OPS: ReadonlySet<string> = new Set(["Variable", "VariableV2", "AutoReloadVariable"]);

function toSaveable(name: string, value: Saveable): SaveableObject {
  if (value instanceof SaveableObject) return value;
  const output = value instanceof Variable ? value.graphElement : value;
  if (output instanceof Output) {
    if (REFERENCE_OPS.has(output.op.type)) return new ReferenceVariableSaveable(output, name);
    if (output.op.type === "ReadVariableOp") return ResourceVariableSaveable.ofRead(output, name);
  }
  throw new TypeError(
    "names_to_saveables must be a dict mapping string names to Tensors/Variables. " +
      `Not a variable: ${describe(value)}`,
  );
}

function describe(value: unknown): string {
  if (value instanceof Output || value instanceof Variable) return value.name;
  return typeof value === "object" && value !== null ? (value.constructor?.name ?? "object") : String(value);
}
