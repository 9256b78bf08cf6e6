import { FailedPreconditionError, NotFoundError } from "@tfsaver/core";
import type { AttrValue, NodeDef } from "@tfsaver/proto/graph";
import type { GraphListing, GraphPart, NodeDetails } from "../../../model/graph/graph-listing.js";
import { type Handlers, transferring } from "../../../rpc/index.js";
import type { OpenFiles } from "../../open-files.js";
import { attributeText } from "./attribute-text.js";
import { collectionItems } from "./collection-items.js";
import { type FoundGraph, findGraph, GraphFile } from "./graph-file.js";
import { listGraph, parseInput, type SortedGraph } from "./list-graph.js";

/** Inputs, attributes and called functions of a node that are listed. */
const MAX_LISTED = 1000;

export interface GraphContract {
  /** Finds the file with the graph of a checkpoint; undefined if there is none. */
  findGraph(request: { readonly source: number; readonly path: string }): FoundGraph | undefined;
  /** Reads a file with graphs, unless it was the last one that was read, and lists one of them for the calls below. */
  openGraph(request: { readonly source: number; readonly file: string; readonly part: GraphPart }): GraphListing;
  /** Describes a node of the listed graph by its place. */
  node(request: { readonly graph: number; readonly place: number }): NodeDetails;
  /** Lists the items of a collection of the listed graph. */
  collection(request: { readonly graph: number; readonly key: string }): readonly string[];
}

interface ListedGraph {
  readonly id: number;
  readonly graph: SortedGraph;
  /** Names of the functions of its meta graph. */
  readonly functions: ReadonlyMap<string, unknown>;
}

export function graphHandlers(files: OpenFiles): Handlers<GraphContract> {
  let last = 0;
  let kept: GraphFile | undefined;
  let listed: ListedGraph | undefined;
  const graphOf = (id: number): ListedGraph => {
    if (listed?.id !== id) throw new FailedPreconditionError(`Graph ${id} is not open`);
    return listed;
  };
  const read = async (file: string, source: number): Promise<GraphFile> => {
    const storage = files.storage(source);
    if (kept?.path === file && kept.storage === storage) return kept;
    // Two files may not fit into memory.
    kept = undefined;
    listed = undefined;
    kept = await GraphFile.open(file, storage);
    return kept;
  };
  return {
    findGraph: ({ source, path }) => findGraph(path, files.storage(source)),
    openGraph: async ({ source, file, part }) => {
      const opened = await read(file, source);
      const graph = opened.sorted(part);
      const { functions, damagedFunctions } = opened.library(part.metaGraph);
      listed = { id: ++last, graph, functions };
      const nodes = listGraph(graph);
      const { typeOf, inputs, ports, inputEnds } = nodes;
      const listing: GraphListing = {
        ...nodes,
        id: last,
        file,
        part,
        metaGraphs: opened.tags,
        functions: opened.functions(part.metaGraph),
        damagedFunctions,
      };
      return transferring(
        listing,
        [typeOf, inputs, ports, inputEnds].map(({ buffer }) => buffer),
      );
    },
    node: async ({ graph, place }) => {
      const { graph: sorted, functions } = graphOf(graph);
      const node = sorted.nodes[place];
      if (node === undefined) throw new NotFoundError(`The graph has no node ${place}`);
      const inputs = node.input.slice(0, MAX_LISTED).map((text) => {
        const { name, port } = parseInput(text);
        return { text, place: sorted.places.get(name) ?? -1, isControl: port < 0 };
      });
      const attributes = [...node.attr].slice(0, MAX_LISTED);
      return {
        device: node.device,
        calls: callsOf(node, functions),
        inputs,
        inputCount: node.input.length,
        attributes: attributes.map(([name, value]) => ({ name, text: attributeText(value) })),
        attributeCount: node.attr.size,
      };
    },
    collection: async ({ graph, key }) => {
      const collection = graphOf(graph).graph.metaGraph.collectionDef.get(key);
      return collection === undefined ? [] : collectionItems(collection);
    },
  };
}

/** Returns the functions that a node calls: by its type, or by its attributes. */
function callsOf({ op, attr }: NodeDef, functions: ReadonlyMap<string, unknown>): string[] {
  const named = [...attr.values()].flatMap(({ func, list }: AttrValue) => [
    ...(func === undefined ? [] : [func.name]),
    ...(list?.func ?? []).map(({ name }) => name),
  ]);
  return [...new Set([op, ...named])].filter((name) => functions.has(name)).slice(0, MAX_LISTED);
}
