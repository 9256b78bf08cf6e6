import { type WarningListener, warnOnConsole } from "@tfsaver/core";
import { type Graph, getDefaultGraph } from "@tfsaver/graph";
import { OpList } from "@tfsaver/proto/graph";
import { MetaGraphDef, MetaGraphDef_MetaInfoDef } from "@tfsaver/proto/meta-graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import { collectionToDef } from "./collection-defs.js";

/** The TensorFlow whose graphs these are; readers use it to tell which defaults a graph was made with. */
const TENSORFLOW_VERSION = "2.21.0";
const TENSORFLOW_GIT_VERSION = "v2.21.0-tfsaver";

/** Options of {@link exportMetaGraph}. */
export interface ExportMetaGraphOptions {
  /** Default: the default graph. */
  readonly graph?: Graph | undefined;
  /** The saver that belongs to the graph. */
  readonly saverDef?: SaverDef | undefined;
  /** Names of the collections to include. Default: all. */
  readonly collectionList?: readonly string[] | undefined;
  /** Told of collections that can't be written. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

/**
 * A graph with its collections, saver and operation definitions as one message (`tf.compat.v1.train.export_meta_graph`).
 * Shapes of outputs are noted at every node.
 */
export function exportMetaGraph(options: ExportMetaGraphOptions = {}): MetaGraphDef {
  const { graph = getDefaultGraph(), saverDef, collectionList, onWarning = warnOnConsole } = options;
  const metaGraph = MetaGraphDef.create({
    metaInfoDef: MetaGraphDef_MetaInfoDef.create({
      strippedOpList: strippedOpList(graph),
      tensorflowVersion: TENSORFLOW_VERSION,
      tensorflowGitVersion: TENSORFLOW_GIT_VERSION,
    }),
    graphDef: graph.toGraphDef(true),
    saverDef,
  });
  for (const key of collectionList ?? graph.collectionKeys) {
    const values = graph.collection(key);
    const def = values.length === 0 ? undefined : collectionToDef(key, values, onWarning);
    if (def !== undefined) metaGraph.collectionDef.set(key, def);
  }
  return metaGraph;
}

/** The definitions of the operations that a graph uses, as far as they are known, sorted by name. */
function strippedOpList(graph: Graph): OpList {
  const types = new Set(graph.operations.map(({ type }) => type));
  // What the bodies of functions use is known from where they were imported.
  if (graph.functionLibrary !== undefined) for (const { name } of graph.importedOpDefs) types.add(name);
  return OpList.create({ op: [...types].sort().flatMap((type) => graph.opDef(type) ?? []) });
}
