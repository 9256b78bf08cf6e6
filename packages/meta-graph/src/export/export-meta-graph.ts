import { type WarningListener, warnOnConsole } from "@tfsaver/core";
import { type Graph, GraphKeys, getDefaultGraph, stripNameScope, Variable } from "@tfsaver/graph";
import type { GraphDef } from "@tfsaver/proto/graph";
import { MetaGraphDef, MetaGraphDef_MetaInfoDef } from "@tfsaver/proto/meta-graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import { SAVERS, UNBOUND_INPUTS } from "../collections/collection-keys.js";
import { collectionToDef, VariableMessages } from "../collections/collection-to-def.js";
import { type ExportFilter, isExported } from "./export-filter.js";
import { extraneousSaverNodes } from "./extraneous-savers.js";
import { withoutDefaultAttrs } from "./strip-default-attrs.js";
import { strippedOpList } from "./stripped-op-list.js";
import { subgraphOf } from "./subgraph.js";

/** The TensorFlow whose graphs these are; readers use it to tell which defaults a graph was made with. */
const TENSORFLOW_VERSION = "2.21.0";
const TENSORFLOW_GIT_VERSION = "v2.21.0-tfsaver";

/** Options of {@link exportMetaGraph}, those of `tf.compat.v1.train.export_meta_graph`. */
export interface ExportMetaGraphOptions {
  /** Where the collections are, and the nodes if no `graphDef` is given. Default: the default graph. */
  readonly graph?: Graph | undefined;
  /** Nodes to export instead of those of `graph`. */
  readonly graphDef?: GraphDef | undefined;
  /** What is to be said about the whole, such as its tags. Version stamps are set, and the operations if there are none. */
  readonly metaInfoDef?: MetaGraphDef_MetaInfoDef | undefined;
  /** The saver that belongs to the graph. Its names are written as they are, whatever the `exportScope`. */
  readonly saverDef?: SaverDef | undefined;
  /** Names of the collections to include. Default: all. */
  readonly collectionList?: readonly string[] | undefined;
  /**
   * Export only what has a name that begins like this, without that scope. End it with a `/`, for as in TensorFlow `h`
   * also lets `h2/…` through. Inputs from outside become unbound, to be given when it is imported. Default: everything.
   */
  readonly exportScope?: string | undefined;
  /** Write no devices. Default: false. */
  readonly clearDevices?: boolean | undefined;
  /** Leave out the nodes of savers other than `saverDef`, and name it alone as the graph's saver. Default: false. */
  readonly clearExtraneousSavers?: boolean | undefined;
  /** Leave out attributes that hold their default, so that older versions can read the graph. Default: false. */
  readonly stripDefaultAttrs?: boolean | undefined;
  /** Told of collections that can't be written. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

/** A meta graph and what it holds of the graph that it was made of. */
export interface ExportedMetaGraph {
  readonly metaGraph: MetaGraphDef;
  /** The global variables that are exported, by their names there (`a:0`). */
  readonly variables: ReadonlyMap<string, Variable>;
}

/**
 * A graph with its collections, saver and operation definitions as one message (`tf.compat.v1.train.export_meta_graph`).
 * Shapes of outputs are noted at every node. The graph stays as it is.
 *
 * @throws `TypeError` if an option is not of its type; `DataLossError` if the graph's function library makes no sense.
 */
export function exportMetaGraph(options: ExportMetaGraphOptions = {}): MetaGraphDef {
  return exportScopedMetaGraph(options).metaGraph;
}

/** As {@link exportMetaGraph}, with the variables that are exported (`export_scoped_meta_graph`). */
export function exportScopedMetaGraph(options: ExportMetaGraphOptions = {}): ExportedMetaGraph {
  requireTypes(options);
  const { graph = getDefaultGraph(), saverDef, exportScope = "", clearDevices = false } = options;
  const whole = options.graphDef ?? graph.toGraphDef(true);
  const excluded = options.clearExtraneousSavers ? extraneousSaverNodes(whole, saverDef) : new Set<string>();
  const filter: ExportFilter = { exportScope, excluded };
  const isPart = exportScope !== "" || clearDevices || options.clearExtraneousSavers === true;
  const { graphDef, unboundInputs } = isPart
    ? subgraphOf(whole, filter, clearDevices)
    : { graphDef: whole, unboundInputs: graph.collection(UNBOUND_INPUTS) };
  // Of nodes that were given, TensorFlow writes a library even where there is none.
  if (isPart && options.graphDef !== undefined) graphDef.library ??= new Uint8Array();
  const metaGraph = MetaGraphDef.create({
    metaInfoDef: metaInfoOf(graphDef, graph, options),
    graphDef: options.stripDefaultAttrs ? withoutDefaultAttrs(graphDef, graph) : graphDef,
    saverDef,
  });
  const variables = new VariableMessages(exportScope);
  for (const key of options.collectionList ?? new Set([...graph.collectionKeys, UNBOUND_INPUTS])) {
    // As in TensorFlow: what has no name is for the program that made it.
    if (typeof key !== "string") continue;
    const values = key === UNBOUND_INPUTS ? unboundInputs : collectionOf(key, graph, options);
    const def = collectionToDef(key, values, filter, variables, options.onWarning ?? warnOnConsole);
    if (def !== undefined) metaGraph.collectionDef.set(key, def);
  }
  return { metaGraph, variables: variablesIn(graph, filter) };
}

function requireTypes({ metaInfoDef, graphDef, saverDef }: ExportMetaGraphOptions): void {
  if (metaInfoDef !== undefined && typeof metaInfoDef.tensorflowVersion !== "string") {
    throw new TypeError("metaInfoDef must be of type MetaInfoDef.");
  }
  if (graphDef !== undefined && !Array.isArray(graphDef.node))
    throw new TypeError("graphDef must be of type GraphDef.");
  if (saverDef !== undefined && typeof saverDef.saveTensorName !== "string") {
    throw new TypeError("saverDef must be of type SaverDef.");
  }
}

function metaInfoOf(graphDef: GraphDef, graph: Graph, options: ExportMetaGraphOptions): MetaGraphDef_MetaInfoDef {
  const { metaInfoDef = MetaGraphDef_MetaInfoDef.create(), stripDefaultAttrs } = options;
  const given = metaInfoDef.strippedOpList;
  return {
    ...metaInfoDef,
    tensorflowVersion: TENSORFLOW_VERSION,
    tensorflowGitVersion: TENSORFLOW_GIT_VERSION,
    strippedOpList: given !== undefined && given.op.length > 0 ? given : strippedOpList(graphDef, graph),
    strippedDefaultAttrs: stripDefaultAttrs || metaInfoDef.strippedDefaultAttrs,
  };
}

function collectionOf(key: string, graph: Graph, options: ExportMetaGraphOptions): readonly unknown[] {
  if (key !== SAVERS || !options.clearExtraneousSavers) return graph.collection(key);
  return options.saverDef === undefined ? [] : [options.saverDef];
}

function variablesIn(graph: Graph, filter: ExportFilter): Map<string, Variable> {
  const variables = graph
    .collection(GraphKeys.GLOBAL_VARIABLES)
    .filter((value): value is Variable => value instanceof Variable && isExported(value, filter));
  return new Map(variables.map((variable) => [stripNameScope(variable.name, filter.exportScope), variable]));
}
