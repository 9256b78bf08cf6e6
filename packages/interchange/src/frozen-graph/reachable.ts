import { similarNames } from "@tfsaver/checkpoint-reader";
import { NotFoundError } from "@tfsaver/core";
import type { NodeDef } from "@tfsaver/proto/graph";

/** Most names that are proposed for a missing one. */
const MAX_SIMILAR = 3;

/**
 * Returns the nodes that the outputs need, in their order in the graph.
 *
 * @param path - the file of the graph, for messages
 * @param outputs - names of nodes, with or without the number of an output
 * @throws `NotFoundError` that proposes similar names if there is no such node.
 */
export function reachable(nodes: readonly NodeDef[], path: string, outputs: readonly string[]): NodeDef[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const kept = new Set<NodeDef>();
  const queue = outputs.map((output) => byName.get(nodeOf(output)) ?? missing(output, byName, path));
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (kept.has(node)) continue;
    kept.add(node);
    for (const input of node.input) {
      const source = byName.get(nodeOf(input));
      if (source !== undefined) queue.push(source);
    }
  }
  return nodes.filter((node) => kept.has(node));
}

function nodeOf(input: string): string {
  return input.replace(/^\^|:\d+$/g, "");
}

function missing(output: string, nodes: ReadonlyMap<string, NodeDef>, path: string): never {
  const similar = similarNames(
    { name: nodeOf(output) },
    [...nodes.keys()].map((name) => ({ name })),
  );
  const names = similar.slice(0, MAX_SIMILAR).map(({ name }) => name);
  const proposal = names.length > 0 ? `; did you mean ${names.join(" or ")}?` : "";
  throw new NotFoundError(`${path} has no operation ${output}${proposal}`, { op: output, path });
}
