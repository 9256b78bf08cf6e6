import type { Graph } from "../model/graph.js";
import { scopesOf } from "../model/name-scopes.js";

/**
 * Chooses new names for the nodes whose name, with `prefix` before it, is taken by an operation or a scope of the graph.
 * Case matters here. A new name never collides with another node.
 */
export function freeNames(
  graph: Graph,
  nodes: readonly { readonly name: string }[],
  prefix: string,
): Map<string, string> {
  const renamed = new Map<string, string>();
  if (graph.size === 0) return renamed;
  const taken = new Set(graph.operations.flatMap(({ name }) => [name, ...scopesOf(name)]));
  const own = new Set(nodes.map(({ name }) => prefix + name));
  for (const { name } of nodes) {
    const wanted = prefix + name;
    if (!taken.has(wanted)) continue;
    let number = 1;
    while (taken.has(`${wanted}_${number}`) || own.has(`${wanted}_${number}`)) number++;
    renamed.set(name, `${wanted}_${number}`);
  }
  return renamed;
}
