import type { Graph } from "../model/graph.js";
import { scopesOf } from "../model/names.js";

/**
 * New names, behind `prefix`, for those of `nodes` whose name the graph has already, as an operation or as the scope of
 * one. Upper and lower case are different here, and a new name is none that another node has.
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
