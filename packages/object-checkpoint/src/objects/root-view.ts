import { childrenOf, type Edge } from "./children.js";

/** The object that a graph starts at. */
export interface RootView {
  readonly root: object;
  /** Edges of the root that are no properties of it. */
  readonly attached: readonly Edge[];
}

/** Returns the edges of an object, with those that are attached to it if it is the root. */
export function edgesOf(object: object, { root, attached }: RootView): Edge[] {
  const edges = childrenOf(object);
  if (object !== root || attached.length === 0) return edges;
  const names = new Set(edges.map(({ name }) => name));
  return [...edges, ...attached.filter(({ name }) => !names.has(name))];
}
