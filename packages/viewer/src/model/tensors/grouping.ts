import type { ObjectTensor } from "../../worker/objects/object-paths.js";
import type { Catalog } from "./catalog.js";
import type { Slots } from "./slots.js";

/** By the parts of names; by objects, or by the names in a graph, of an object-based checkpoint; or not at all. */
export const GROUPS = ["scopes", "objects", "graph-names", "none"] as const;

export type Group = (typeof GROUPS)[number];

/** Returns the path by which a tensor is grouped. */
export type PathOf = (place: number) => string;

/**
 * Returns how to find the paths of tensors.
 *
 * @param objects - the tensors of an object-based checkpoint by objects
 */
export function pathsOf(catalog: Catalog, group: Group, objects: readonly ObjectTensor[] | undefined): PathOf {
  const nameOf: PathOf = (place) => catalog.names[place] as string;
  if (objects === undefined || (group !== "objects" && group !== "graph-names")) return nameOf;
  const paths = new Map(
    objects.map(({ key, path, graphName }) => [key, group === "objects" || graphName === "" ? path : graphName]),
  );
  return (place) => paths.get(nameOf(place)) ?? nameOf(place);
}

/** Returns what a tensor is called below the scopes of a depth; a slot, below its variable. */
export function labelOf(place: number, depth: number, pathOf: PathOf, slots: Slots): string {
  const path = pathOf(place);
  const owner = slots.owners.get(place);
  if (owner !== undefined) {
    const start = `${pathOf(owner)}/`;
    return path.startsWith(start) ? path.slice(start.length) : path;
  }
  let from = 0;
  for (let i = 0; i < depth; i++) from = path.indexOf("/", from) + 1;
  return path.slice(from);
}
