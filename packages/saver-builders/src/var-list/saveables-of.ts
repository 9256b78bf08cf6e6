import { ValueError } from "@tfsaver/core";
import type { SaveableObject } from "../saveables/saveable-object.js";
import { compareCodePoints } from "./compare-code-points.js";
import { describeValue } from "./describe-value.js";
import { namesOfList } from "./names-of-list.js";
import { saveablesOfName } from "./saveables-of-name.js";
import type { NamedSaveable, NestedSaveables, Saveable, VarList } from "./var-list.js";

/**
 * Returns the saveables of a list or dictionary, sorted by name (`validate_and_slice_inputs`).
 *
 * @example
 * ```ts
 * import { Graph, Variable } from "@tfsaver/graph";
 * import { saveablesOf } from "@tfsaver/saver-builders";
 *
 * const graph = new Graph();
 * const [a, b] = [Variable.create(0, { graph, name: "a" }), Variable.create(0, { graph, name: "b" })];
 * console.log(saveablesOf({ weights: a, bias: b }).map(({ name }) => name)); // [ "bias", "weights" ]
 * ```
 *
 * @throws `TypeError` if `varList` is neither, or contains a value that can't be saved; `ValueError` if two variables have
 * one name, one variable has two names, or slices belong to different variables.
 */
export function saveablesOf(varList: VarList): SaveableObject[] {
  const byName = [...(isList(varList) ? namesOfList([...varList]) : entriesOf(varList))];
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
    throw new TypeError(`Variables to save should be passed in a dict or a list. Got ${describeValue(varList)}`);
  }
  const entries = varList instanceof Map ? [...varList] : Object.entries(varList);
  for (const [name] of entries) {
    if (typeof name !== "string") {
      throw new TypeError(
        "names_to_saveables must be a dict mapping string names to trackable operations. " +
          `Name is not a string: ${describeValue(name)}`,
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
