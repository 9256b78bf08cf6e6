import { UnimplementedError, type WarningListener, warnOnConsole } from "@tfsaver/core";
import { type Graph, GraphKeys, getDefaultGraph, importGraphDef, Variable } from "@tfsaver/graph";
import type { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import { CollectionReader } from "./collection-defs.js";

/** Options of {@link importMetaGraph}. */
export interface ImportMetaGraphOptions {
  /** Where to add the nodes. Default: the default graph. */
  readonly graph?: Graph | undefined;
  /** Told of collections that can't be read. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

/** What came into the graph. */
export interface ImportedMetaGraph {
  readonly graph: Graph;
  /** The global variables by name (`a:0`). */
  readonly variables: ReadonlyMap<string, Variable>;
  /** The saver that came with the graph, if any. */
  readonly saverDef: SaverDef | undefined;
}

/**
 * Adds the nodes and collections of a meta graph to a graph (`import_scoped_meta_graph`). An empty message adds nothing.
 *
 * @throws `ValueError` if the nodes make no sense (then none is added), `NotFoundError` or `DataLossError` if collections
 * don't, `RuntimeError` if the graph is finalized, `UnimplementedError` inside a name scope, which would be put before
 * all names.
 */
export function importMetaGraph(metaGraph: MetaGraphDef, options: ImportMetaGraphOptions = {}): ImportedMetaGraph {
  const { graph = getDefaultGraph(), onWarning = warnOnConsole } = options;
  const { graphDef, metaInfoDef, saverDef, collectionDef } = metaGraph;
  if (graph.nameScope !== "") {
    throw new UnimplementedError(`A meta graph can't be imported into a name scope yet: '${graph.nameScope}'`);
  }
  if (graphDef !== undefined) importGraphDef(graph, graphDef, { opDefs: metaInfoDef?.strippedOpList?.op ?? [] });
  const reader = new CollectionReader(graph, isBefore19(metaInfoDef?.tensorflowVersion ?? ""));
  for (const [key, def] of [...collectionDef].sort(byTrainableThenName)) {
    const values = reader.read(key, def);
    if (values === undefined) onWarning(`Cannot identify data type for collection ${key}. Skipping.`);
    else graph.addToCollection(key, ...values);
  }
  const variables = graph
    .collection(GraphKeys.GLOBAL_VARIABLES)
    .filter((value): value is Variable => value instanceof Variable);
  return { graph, variables: new Map(variables.map((variable) => [variable.name, variable])), saverDef };
}

/** Trainable variables are read first, because in old files only they tell which variables are trainable. */
function byTrainableThenName([a]: [string, unknown], [b]: [string, unknown]): number {
  const rank = (key: string) => (key === GraphKeys.TRAINABLE_VARIABLES ? 0 : 1);
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

/** Before TensorFlow 1.9, variables did not say whether they are trainable. */
function isBefore19(version: string): boolean {
  const [major, minor = 0] = version.split(".").map(Number);
  return version !== "" && (major === 0 || (major === 1 && minor < 9));
}
