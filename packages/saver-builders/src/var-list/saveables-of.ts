import { ValueError } from "@tfsaver/core";
import type { Output, PartitionedVariable, Variable } from "@tfsaver/graph";
import type { SaveableObject } from "../saveables/saveable-object.js";
import { compareCodePoints } from "./code-points.js";
import { describe } from "./describe.js";
import { namesOf } from "./names-of-list.js";
import { saveablesOfName } from "./saveables-of-name.js";
import type { Trackable } from "./var-list.js";

/**
 * What a saver can be told to save: a variable, its reference or a read of it, a variable in parts, a saveable of one's
 * own, or an object that declares its saveables.
 */
export type Saveable = Variable | Output | PartitionedVariable | SaveableObject | Trackable;

/** Saveables in arrays within arrays. */
export interface NestedSaveables extends ReadonlyArray<Saveable | NestedSaveables> {}

/** What one name stands for: something to save, or all slices of a partitioned variable. */
export type NamedSaveable = Saveable | readonly Saveable[];

/** Saveables in a (nested) array or a set, named after themselves; or by the names to save them under. */
export type VarList =
  | NestedSaveables
  | ReadonlySet<Saveable | NestedSaveables>
  | ReadonlyMap<string, NamedSaveable>
  | Readonly<Record<string, NamedSaveable>>;

/**
 * The saveables of a list or dictionary, sorted by name (`validate_and_slice_inputs`).
 *
 * @throws `TypeError` if it is neither, or holds what can't be saved; `ValueError` if a name stands for two variables
 * or a variable has two names, or if slices are not of one variable.
 */
export function saveablesOf(varList: VarList): SaveableObject[] {
  const byName = [...(isList(varList) ? namesOf([...varList]) : entriesOf(varList))];
  byName.sort(([a], [b]) => compareCodePoints(a, b));
  const seen = new Set<unknown>();
  const saveables = byName.flatMap(([name, value]) => saveablesOfName(name, value));
  for (const { name, source } of saveables) {
    if (source === undefined || source === null) continue;
    if (seen.has(source)) throw new ValueError(`The same saveable will be restored with two names: ${name}`);
    seen.add(source);
  }
  return saveables;
}

function isList(varList: VarList): varList is NestedSaveables | ReadonlySet<Saveable | NestedSaveables> {
  return Array.isArray(varList) || varList instanceof Set;
}

function entriesOf(
  varList: ReadonlyMap<string, NamedSaveable> | Readonly<Record<string, NamedSaveable>>,
): [string, NamedSaveable][] {
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
