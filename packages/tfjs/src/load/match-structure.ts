import type { HostSaveable, Trackable } from "@tfsaver/saver-builders";
import { VariableSaveable } from "../values/variable-saveable.js";
import { keyOf, type StoredValues } from "./stored-values.js";

/** Keys of a checkpoint, by the saveables of weights. */
export type MatchedKeys = Map<HostSaveable, string>;

/** Matches a model with the object of a checkpoint in which most weights are found: the root, or a child of it. */
export function matchStructure(model: Trackable, { objects }: StoredValues): MatchedKeys {
  const [root] = objects;
  if (root === undefined) return new Map();
  const starts = new Set([0, ...root.children.map(({ nodeId }) => nodeId)]);
  const edges = new StoredEdges(objects);
  let best: MatchedKeys = new Map();
  for (const start of starts) {
    const found = matchFrom(start, model, objects, edges);
    if (found.size > best.size) best = found;
  }
  return best;
}

/** The children of a checkpoint's objects by name. Each list is indexed once, however many parents share its object. */
class StoredEdges {
  readonly #indexed = new Map<number, ReadonlyMap<string, number>>();

  constructor(private readonly objects: StoredValues["objects"]) {}

  of(id: number): ReadonlyMap<string, number> {
    let edges = this.#indexed.get(id);
    if (edges === undefined) {
      const children = this.objects[id]?.children ?? [];
      // The first of several children with one name counts.
      edges = new Map(children.toReversed().map(({ localName, nodeId }) => [localName, nodeId]));
      this.#indexed.set(id, edges);
    }
    return edges;
  }
}

/** Follows the edges that both sides have. */
function matchFrom(start: number, model: Trackable, objects: StoredValues["objects"], edges: StoredEdges): MatchedKeys {
  const found: MatchedKeys = new Map();
  const seen = new Set([start]);
  const queue: { readonly id: number; readonly object: Trackable | HostSaveable }[] = [{ id: start, object: model }];
  // The loop visits objects that are added while it runs.
  for (const { id, object } of queue) {
    const stored = objects[id] as StoredValues["objects"][number];
    if (object instanceof VariableSaveable) {
      const key = keyOf(stored);
      if (key !== undefined && !found.has(object)) found.set(object, key);
      continue;
    }
    const children = (object as Trackable).trackableChildren?.() as ReadonlyMap<string, Trackable> | undefined;
    for (const [name, child] of children ?? []) {
      const nodeId = edges.of(id).get(name);
      if (nodeId === undefined || seen.has(nodeId)) continue;
      seen.add(nodeId);
      queue.push({ id: nodeId, object: child });
    }
  }
  return found;
}
