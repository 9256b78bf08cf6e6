import { metaGraphFilename } from "@tfsaver/checkpoint-names";
import { FailedPreconditionError, NotFoundError } from "@tfsaver/core";
import { readMetaGraph } from "@tfsaver/meta-graph";
import type { GraphListing, NodeDetails } from "../../../model/graph/graph-listing.js";
import { type Handlers, transferring } from "../../../rpc/index.js";
import type { OpenFiles } from "../../open-files.js";
import { attributeText } from "./attribute-text.js";
import { collectionItems } from "./collection-items.js";
import { listGraph, parseInput, type SortedGraph, sortGraph } from "./list-graph.js";

/** Inputs and attributes of a node that are listed. */
const MAX_LISTED = 1000;

export interface GraphContract {
  /** Returns the size in bytes of the `.meta` file of a checkpoint; undefined if there is none. */
  graphSize(request: { readonly source: number; readonly path: string }): number | undefined;
  /** Reads the `.meta` file of a checkpoint. The last one that was read is kept for the calls below. */
  openGraph(request: { readonly source: number; readonly path: string }): GraphListing;
  /** Describes a node by its place in the listing. */
  node(request: { readonly file: string; readonly place: number }): NodeDetails;
  /** Lists the items of a collection. */
  collection(request: { readonly file: string; readonly key: string }): readonly string[];
}

export function graphHandlers(files: OpenFiles): Handlers<GraphContract> {
  let kept: { readonly file: string; readonly graph: SortedGraph } | undefined;
  const graphOf = (file: string): SortedGraph => {
    if (kept?.file !== file) throw new FailedPreconditionError(`${file} is not open`, { path: file });
    return kept.graph;
  };
  return {
    graphSize: async ({ source, path }) => (await files.storage(source).stat(metaGraphFilename(path)))?.size,
    openGraph: async ({ source, path }) => {
      // Two graphs may not fit into memory.
      kept = undefined;
      const file = metaGraphFilename(path);
      const graph = sortGraph(await readMetaGraph(file, { storage: files.storage(source) }));
      kept = { file, graph };
      const listing = listGraph(file, graph);
      const { typeOf, inputs, ports, inputEnds } = listing;
      return transferring(
        listing,
        [typeOf, inputs, ports, inputEnds].map(({ buffer }) => buffer),
      );
    },
    node: async ({ file, place }) => {
      const { nodes, places } = graphOf(file);
      const node = nodes[place];
      if (node === undefined) throw new NotFoundError(`${file} has no node ${place}`, { path: file });
      const inputs = node.input.slice(0, MAX_LISTED).map((text) => {
        const { name, port } = parseInput(text);
        return { text, place: places.get(name) ?? -1, isControl: port < 0 };
      });
      const attributes = [...node.attr].slice(0, MAX_LISTED);
      return {
        device: node.device,
        inputs,
        inputCount: node.input.length,
        attributes: attributes.map(([name, value]) => ({ name, text: attributeText(value) })),
        attributeCount: node.attr.size,
      };
    },
    collection: async ({ file, key }) => {
      const collection = graphOf(file).metaGraph.collectionDef.get(key);
      return collection === undefined ? [] : collectionItems(collection);
    },
  };
}
