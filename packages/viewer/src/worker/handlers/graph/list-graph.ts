import { summarizeMetaGraph } from "@tfsaver/checkpoint-tools/meta-graph";
import type { NodeDef } from "@tfsaver/proto/graph";
import type { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { CONTROL, type GraphListing } from "../../../model/graph/graph-listing.js";

/** A graph whose nodes are sorted by scopes. */
export interface SortedGraph {
  readonly nodes: readonly NodeDef[];
  /** Places of nodes by name. */
  readonly places: ReadonlyMap<string, number>;
  readonly metaGraph: MetaGraphDef;
}

/** Sorts the nodes of a graph, so that those of a scope follow each other. */
export function sortGraph(metaGraph: MetaGraphDef): SortedGraph {
  // A scope ends where its names no longer start with it, if "/" comes before all other characters.
  const keyed = (metaGraph.graphDef?.node ?? []).map((node) => ({ node, key: node.name.replaceAll("/", "\0") }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const nodes = keyed.map(({ node }) => node);
  const places = new Map<string, number>();
  for (const [place, { name }] of nodes.entries()) if (!places.has(name)) places.set(name, place);
  return { nodes, places, metaGraph };
}

/** What a listing knows of the nodes of a graph. */
type ListedNodes = Pick<GraphListing, "names" | "types" | "typeOf" | "inputs" | "ports" | "inputEnds" | "summary">;

/**
 * Lists the nodes of a graph and their edges as columns.
 *
 * @throws `DataLossError` if a signature is damaged.
 */
export function listGraph({ nodes, places, metaGraph }: SortedGraph): ListedNodes {
  const types = [...new Set(nodes.map(({ op }) => op))].sort();
  const numbers = new Map(types.map((type, i) => [type, i]));
  const count = nodes.reduce((sum, { input }) => sum + input.length, 0);
  const inputs = new Int32Array(count);
  const ports = new Int32Array(count);
  const inputEnds = new Uint32Array(nodes.length);
  let end = 0;
  for (const [i, { input }] of nodes.entries()) {
    for (const text of input) {
      const { name, port } = parseInput(text);
      inputs[end] = places.get(name) ?? -1;
      ports[end] = port;
      end++;
    }
    inputEnds[i] = end;
  }
  return {
    names: nodes.map(({ name }) => name),
    types,
    typeOf: Uint32Array.from(nodes, ({ op }) => numbers.get(op) as number),
    ...{ inputs, ports, inputEnds },
    summary: summarizeMetaGraph(metaGraph),
  };
}

/** Reads an input: `name`, `name:1` or `^name`, and in a function `name:output:1`. */
export function parseInput(text: string): { readonly name: string; readonly port: number } {
  if (text.startsWith("^")) return { name: text.slice(1), port: CONTROL };
  const colon = text.lastIndexOf(":");
  const digits = colon < 0 ? "" : text.slice(colon + 1);
  if (!/^\d{1,9}$/.test(digits)) return { name: text, port: 0 };
  const outputAt = text.lastIndexOf(":", colon - 1);
  const isOutput = outputAt > 0 && /^[A-Za-z]\w*$/.test(text.slice(outputAt + 1, colon));
  return { name: text.slice(0, isOutput ? outputAt : colon), port: Number(digits) };
}
