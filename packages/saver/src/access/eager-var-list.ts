import { RuntimeError, ValueError } from "@tfsaver/core";
import { HostSaveable } from "@tfsaver/saver-builders";

/** The values of an eager saver: in (nested) arrays or sets, or by the names to save them under. */
export type EagerVarList =
  | NestedHostSaveables
  | ReadonlySet<HostSaveable>
  | ReadonlyMap<string, HostSaveable>
  | Readonly<Record<string, HostSaveable>>;

/** Saveables in nested arrays. */
export interface NestedHostSaveables extends ReadonlyArray<HostSaveable | NestedHostSaveables> {}

/**
 * Returns the saveables of a list or dictionary by name.
 *
 * @throws `RuntimeError` if there is no list; `ValueError` for a variable of a graph, and for two values of one name;
 * `TypeError` if `varList` is neither a list nor a dictionary.
 */
export function hostSaveables(varList: unknown): Map<string, HostSaveable> {
  if (varList === undefined || varList === null) {
    throw new RuntimeError(
      "When eager execution is enabled, `var_list` must specify a list or dict of variables to save",
    );
  }
  if (Array.isArray(varList) || varList instanceof Set) return byName([...varList].flat(Number.POSITIVE_INFINITY));
  if (typeof varList !== "object" || varList instanceof HostSaveable) {
    throw new TypeError(`Variables to save should be passed in a dict or a list. Got ${String(varList)}`);
  }
  const entries = varList instanceof Map ? [...varList] : Object.entries(varList);
  return new Map(entries.map(([name, value]) => [requireName(name), requireHost(value)]));
}

function requireName(name: unknown): string {
  if (typeof name === "string") return name;
  throw new TypeError(
    "names_to_saveables must be a dict mapping string names to trackable operations. " +
      `Name is not a string: ${String(name)}`,
  );
}

function byName(values: readonly unknown[]): Map<string, HostSaveable> {
  const named = new Map<string, HostSaveable>();
  for (const value of values) {
    const host = requireHost(value);
    if ((named.get(host.name) ?? host) !== host) {
      throw new ValueError(
        `Two different ResourceVariable objects with the same shared_name '${host.name}' were passed to the Saver`,
      );
    }
    named.set(host.name, host);
  }
  return named;
}

function requireHost(value: unknown): HostSaveable {
  if (value instanceof HostSaveable) return value;
  throw new ValueError(
    "Can only save/restore ResourceVariables when executing eagerly, which here are HostSaveable objects: " +
      `got ${typeof value === "object" && value !== null ? value.constructor.name : String(value)}`,
  );
}
