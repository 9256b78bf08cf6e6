import { isTensor, ValueError } from "@tfsaver/core";
import { Variable } from "@tfsaver/graph";
import { HostSaveable, isTrackable, SaveableObject } from "@tfsaver/saver-builders";

/** A named reference from one object to another. */
export interface Edge {
  readonly name: string;
  readonly object: object;
}

/** True if a value is an object of the graph: a variable or saveable, a trackable, an array, a map, or a plain object. */
export function isTracked(value: unknown): value is object {
  return isLeaf(value) || isTrackable(value) || Array.isArray(value) || value instanceof Map || isPlainObject(value);
}

/** True if a value is an array, a map or a plain object, which have no values of their own. */
export function isContainer(value: object): boolean {
  return !isLeaf(value) && !isTrackable(value);
}

/**
 * Returns the edges of an object, in the order in which they are saved.
 *
 * @throws `ValueError` if a map has an object under a key that is not a string.
 */
export function childrenOf(object: object): Edge[] {
  return entriesOf(object).flatMap(([name, value]) => (isTracked(value) ? [{ name, object: value }] : []));
}

/** Returns the edge names and objects of a trackable's children, given as a map or an object. */
function entriesOf(object: object): (readonly [string, unknown])[] {
  if (isLeaf(object)) return [];
  if (isTrackable(object)) return entriesOfContainer(object.trackableChildren?.() ?? {});
  return entriesOfContainer(object);
}

function entriesOfContainer(object: object): (readonly [string, unknown])[] {
  if (Array.isArray(object)) return object.map((item, index) => [String(index), item] as const);
  return object instanceof Map ? [...object].filter(hasName) : Object.entries(object);
}

function hasName(entry: [unknown, unknown]): entry is [string, unknown] {
  const [key, value] = entry;
  if (typeof key === "string") return true;
  if (!isTracked(value)) return false;
  throw new ValueError(
    `Unable to save a Map, because it contains a non-string key, ${String(key)}, which maps to a trackable object. Use ` +
      "strings as keys.",
  );
}

function isLeaf(value: unknown): boolean {
  return value instanceof Variable || value instanceof HostSaveable || value instanceof SaveableObject;
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null || isTensor(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
