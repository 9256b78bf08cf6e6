import { requireKnown, warnOnConsole } from "@tfsaver/core";
import { type Graph, GraphKeys, resolveGraph, stripNameScope, type Variable } from "@tfsaver/graph";
import { type ImportMetaGraphOptions, importMetaGraph as importNodes, readMetaGraph } from "@tfsaver/meta-graph";
import type { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import type { NamedSaveable, VarList } from "@tfsaver/saver-builders";
import { IMPORT_OPTIONS } from "../options/option-names.js";
import type { ImportOptions, SaverOptions } from "../options/saver-options.js";
import { Saver } from "../saver.js";
import { makeSaversOf } from "./savers-of.js";

/**
 * Imports a meta graph into a graph, and returns a saver for it: the one that came with it, or a new one over all variables
 * of the graph (`tf.compat.v1.train.import_meta_graph`). The scopes around the call apply: name, device and control
 * dependencies.
 *
 * @param metaGraphOrFile - the message, which stays as it is, or the path of a `.meta` file, binary or text
 * @returns undefined, with a warning, if there is no saver and nothing to save
 * @throws `TypeError` for an unknown option; `NotFoundError` if the file does not exist; `DataLossError` if it is no meta
 * graph; as the constructor of {@link Saver}.
 *
 * @example
 * ```ts
 * import { Graph } from "@tfsaver/graph";
 * import { importMetaGraph } from "@tfsaver/saver";
 * import { LocalSession } from "@tfsaver/session-local";
 *
 * const graph = new Graph();
 * const saver = await importMetaGraph("run/model-7.meta", { graph });
 * await saver?.restore(new LocalSession(graph), "run/model-7");
 * ```
 */
export async function importMetaGraph(
  metaGraphOrFile: MetaGraphDef | string,
  options: ImportOptions = {},
): Promise<Saver | undefined> {
  requireKnown("importMetaGraph", options, IMPORT_OPTIONS);
  // Captures the scopes now; they are gone after the await.
  const graph = resolveGraph(options.graph);
  const { scopes } = graph;
  const consume = typeof metaGraphOrFile === "string";
  if (!consume && !(metaGraphOrFile?.collectionDef instanceof Map)) {
    throw new TypeError("importMetaGraph takes a MetaGraphDef or the path of a file");
  }
  const metaGraph = consume ? await readMetaGraph(metaGraphOrFile, options) : metaGraphOrFile;
  if (consume && metaGraph.graphDef === undefined) {
    const warn = options.onWarning ?? warnOnConsole;
    warn(`${metaGraphOrFile} has no graph: it is empty, or its end is missing. Copy it again`);
  }
  const importOptions = { ...options, graph, consume };
  return graph.withScopes(scopes, () => addTo(graph, metaGraph, importOptions));
}

function addTo(graph: Graph, metaGraph: MetaGraphDef, options: ImportMetaGraphOptions & ImportOptions) {
  const { saverDef, importScope, variables } = importNodes(metaGraph, options);
  const saverOptions: SaverOptions = { graph, storage: options.storage, onWarning: options.onWarning };
  makeSaversOf(graph, saverOptions);
  if (saverDef !== undefined) {
    const varList = importScope === "" ? undefined : unscopedVariables(variables.values(), importScope);
    return new Saver({ ...saverOptions, saverDef, varList });
  }
  if (hasSaveables(graph, options.importScope ?? "")) return new Saver(saverOptions);
  const warn = options.onWarning ?? warnOnConsole;
  warn("Saver not created because there are no variables in the graph to restore");
  return undefined;
}

/** True if there is something to save under the given scope. The nodes may have got another one, as in TensorFlow. */
function hasSaveables(graph: Graph, importScope: string): boolean {
  const { GLOBAL_VARIABLES, SAVEABLE_OBJECTS } = GraphKeys;
  const values = [...graph.collection(GLOBAL_VARIABLES), ...graph.collection(SAVEABLE_OBJECTS)];
  return values.some((value) => (value as { name?: string }).name?.startsWith(importScope));
}

/** Returns variables by their names in checkpoints, which do not include the scope. */
function unscopedVariables(variables: Iterable<Variable>, importScope: string): VarList {
  const byName = new Map<string, NamedSaveable>();
  for (const variable of variables) {
    const name = stripNameScope(variable.saveSliceInfo?.fullName ?? variable.op.name, importScope);
    const others = byName.get(name);
    if (variable.saveSliceInfo === undefined) byName.set(name, variable);
    else byName.set(name, Array.isArray(others) ? [...others, variable] : [variable]);
  }
  return byName;
}
