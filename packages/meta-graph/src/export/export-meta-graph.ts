import { requireString, type WarningListener, warnOnConsole } from "@tfsaver/core";
import { type Graph, GraphKeys, resolveGraph, stripNameScope, Variable } from "@tfsaver/graph";
import type { GraphDef } from "@tfsaver/proto/graph";
import { MetaGraphDef, MetaGraphDef_MetaInfoDef } from "@tfsaver/proto/meta-graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import { SAVERS, UNBOUND_INPUTS } from "../collections/collection-keys.js";
import { defOf, VariableMessages } from "../collections/collection-to-def.js";
import { type ExportFilter, isExported } from "./export-filter.js";
import { extraneousSaverNodes } from "./extraneous-savers.js";
import { stripDefaultAttrs } from "./strip-default-attrs.js";
import { strippedOpList } from "./stripped-op-list.js";
import { subgraphOf } from "./subgraph.js";

// Readers choose the defaults of left-out attributes by the version of TensorFlow that made the graph.
const TENSORFLOW_VERSION = "2.21.0";
const TENSORFLOW_GIT_VERSION = "v2.21.0-tfsaver";

/** Options of {@link exportMetaGraph}, those of `tf.compat.v1.train.export_meta_graph`. */
export interface ExportMetaGraphOptions {
  /** The graph whose collections are exported, and its nodes if there is no `graphDef`. Default: the default graph. */
  readonly graph?: Graph | undefined;
  /** Nodes to export instead of those of `graph`. */
  readonly graphDef?: GraphDef | undefined;
  /** Information about the whole, such as tags. The versions are set, and the list of operations if it is empty. */
  readonly metaInfoDef?: MetaGraphDef_MetaInfoDef | undefined;
  /** The saver of the graph. `exportScope` doesn't change its names. */
  readonly saverDef?: SaverDef | undefined;
  /** Names of the collections to export. Default: all. */
  readonly collectionList?: readonly string[] | undefined;
  /**
   * Export only names that begin with this prefix, and remove it. End it with `/`: as in TensorFlow, `h` also matches
   * `h2/…`. Inputs from outside become unbound, and the importer must map them. Default: everything.
   */
  readonly exportScope?: string | undefined;
  /** Leave out all devices. Default: false. */
  readonly clearDevices?: boolean | undefined;
  /** Leave out all savers but `saverDef`, with their nodes. Default: false. */
  readonly clearExtraneousSavers?: boolean | undefined;
  /** Leave out attributes that have their default value, so that older versions can read the graph. Default: false. */
  readonly stripDefaultAttrs?: boolean | undefined;
  /** Called for collections that can't be written. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

/** The result of {@link exportScopedMetaGraph}. */
export interface ExportedMetaGraph {
  readonly metaGraph: MetaGraphDef;
  /** The exported global variables, by their names in the meta graph (`a:0`). */
  readonly variables: ReadonlyMap<string, Variable>;
}

/**
 * Exports a graph with its collections, saver and operation definitions as one message
 * (`tf.compat.v1.train.export_meta_graph`). Every node records the shapes of its outputs. The graph itself doesn't change.
 *
 * @example
 * ```ts
 * import { Graph, Variable } from "@tfsaver/graph";
 * import { exportMetaGraph } from "@tfsaver/meta-graph";
 *
 * const graph = new Graph();
 * Variable.create([1, 2], { graph, name: "weights" });
 * console.log([...exportMetaGraph({ graph }).collectionDef.keys()]); // [ "variables", "trainable_variables" ]
 * ```
 *
 * @throws `TypeError` if an option has a wrong type; `DataLossError` if the graph's function library is damaged.
 */
export function exportMetaGraph(options: ExportMetaGraphOptions = {}): MetaGraphDef {
  return exportScopedMetaGraph(options).metaGraph;
}

/**
 * Exports a graph like {@link exportMetaGraph}, and also returns the exported variables (`export_scoped_meta_graph`).
 *
 * @example
 * ```ts
 * import { Graph, Variable } from "@tfsaver/graph";
 * import { exportScopedMetaGraph } from "@tfsaver/meta-graph";
 *
 * const graph = new Graph();
 * graph.withNameScope("layer", () => Variable.create([1, 2], { graph, name: "weights" }));
 * console.log([...exportScopedMetaGraph({ graph, exportScope: "layer/" }).variables.keys()]); // [ "weights:0" ]
 * ```
 *
 * @throws as {@link exportMetaGraph}.
 */
export function exportScopedMetaGraph(options: ExportMetaGraphOptions = {}): ExportedMetaGraph {
  requireTypes(options);
  const graph = resolveGraph(options.graph);
  const { saverDef, exportScope = "", clearDevices = false } = options;
  const whole = options.graphDef ?? graph.toGraphDef(true);
  const excluded = options.clearExtraneousSavers ? extraneousSaverNodes(whole, saverDef) : new Set<string>();
  const filter: ExportFilter = { exportScope, excluded };
  const isPart = exportScope !== "" || clearDevices || options.clearExtraneousSavers === true;
  const { graphDef, unboundInputs } = isPart
    ? subgraphOf(whole, filter, clearDevices)
    : { graphDef: whole, unboundInputs: graph.collection(UNBOUND_INPUTS) };
  // For given nodes, TensorFlow writes a function library even if it is empty.
  if (isPart && options.graphDef !== undefined) graphDef.library ??= new Uint8Array();
  const metaGraph = MetaGraphDef.create({
    metaInfoDef: metaInfoOf(graphDef, graph, options),
    graphDef: options.stripDefaultAttrs ? stripDefaultAttrs(graphDef, graph) : graphDef,
    saverDef,
  });
  const onWarning = options.onWarning ?? warnOnConsole;
  const context = { graph, filter, variables: new VariableMessages(exportScope), onWarning };
  for (const key of options.collectionList ?? new Set([...graph.collectionKeys, UNBOUND_INPUTS])) {
    // As in TensorFlow, a collection whose key is not text is private to the program.
    if (typeof key !== "string") continue;
    const values = key === UNBOUND_INPUTS ? unboundInputs : collectionOf(key, graph, options);
    const def = defOf(key, values, context);
    if (def !== undefined) metaGraph.collectionDef.set(key, def);
  }
  return { metaGraph, variables: variablesIn(graph, filter) };
}

function requireTypes({ metaInfoDef, graphDef, saverDef, exportScope, collectionList }: ExportMetaGraphOptions): void {
  if (exportScope !== undefined) requireString(exportScope, "exportScope");
  if (collectionList !== undefined && !Array.isArray(collectionList)) {
    throw new TypeError("collectionList must be an array of names");
  }
  if (metaInfoDef !== undefined && typeof metaInfoDef.tensorflowVersion !== "string") {
    throw new TypeError("metaInfoDef must be of type MetaInfoDef.");
  }
  if (graphDef !== undefined && !Array.isArray(graphDef.node)) {
    throw new TypeError("graphDef must be of type GraphDef.");
  }
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
