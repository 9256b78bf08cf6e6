import { warnOnConsole } from "@tfsaver/core";
import { type Graph, GraphKeys, getDefaultGraph, stripNameScope, type Variable } from "@tfsaver/graph";
import { type ImportMetaGraphOptions, importMetaGraph as importNodes, readMetaGraph } from "@tfsaver/meta-graph";
import type { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import type { NamedSaveable, VarList } from "@tfsaver/saver-builders";
import { IMPORT_OPTIONS, requireKnown } from "./known-options.js";
import type { ImportOptions, SaverOptions } from "./options.js";
import { Saver } from "./saver.js";
import { makeSaversOf } from "./savers-of.js";

/**
 * Adds a meta graph to a graph, and gives a saver for it: the one that came with it, or else a new one over all
 * variables of the graph (`tf.compat.v1.train.import_meta_graph`). The nodes go into the name scope around the call.
 *
 * @param metaGraphOrFile - the message, which stays as it is, or the path of a `.meta` file, binary or text
 * @returns `undefined`, with a warning, if there is no saver and nothing to save
 * @throws `TypeError` for an option that does not exist; `NotFoundError` if the file does not exist, `DataLossError` if it
 * is no meta graph, and what importing and building a saver throw.
 */
export async function importMetaGraph(
  metaGraphOrFile: MetaGraphDef | string,
  options: ImportOptions = {},
): Promise<Saver | undefined> {
  requireKnown("importMetaGraph", options, IMPORT_OPTIONS);
  // Those around the call, which waiting for a file leaves.
  const graph = options.graph ?? getDefaultGraph();
  const { nameScope } = graph;
  const consume = typeof metaGraphOrFile === "string";
  const metaGraph = consume ? await readMetaGraph(metaGraphOrFile, options) : metaGraphOrFile;
  const importOptions = { ...options, graph, consume };
  return graph.withNameScope(nameScope === "" ? "" : `${nameScope}/`, () => addTo(graph, metaGraph, importOptions));
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

/** Whether there is something to save under the scope that was asked for, though the nodes may have got another. */
function hasSaveables(graph: Graph, importScope: string): boolean {
  const { GLOBAL_VARIABLES, SAVEABLE_OBJECTS } = GraphKeys;
  const values = [...graph.collection(GLOBAL_VARIABLES), ...graph.collection(SAVEABLE_OBJECTS)];
  return values.some((value) => (value as { name?: string }).name?.startsWith(importScope));
}

/** Variables by the names that their checkpoints have them under, which know nothing of the scope. */
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
