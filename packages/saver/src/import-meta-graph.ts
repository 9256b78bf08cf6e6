import { warnOnConsole } from "@tfsaver/core";
import { GraphKeys } from "@tfsaver/graph";
import { importMetaGraph as importNodes, readMetaGraph } from "@tfsaver/meta-graph";
import type { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import type { ImportOptions } from "./options.js";
import { Saver } from "./saver.js";
import { IMPORT_OPTIONS, requireSupported } from "./supported-options.js";

/**
 * Adds a meta graph to a graph, and gives a saver for it: the one that came with it, or else a new one over all
 * variables of the graph (`tf.compat.v1.train.import_meta_graph`).
 *
 * @param metaGraphOrFile - the message, or the path of a `.meta` file
 * @returns `undefined`, with a warning, if there is no saver and nothing to save
 * @throws `NotFoundError` if the file does not exist, `DataLossError` if it is no meta graph, and what importing and
 * building a saver throw.
 */
export async function importMetaGraph(
  metaGraphOrFile: MetaGraphDef | string,
  options: ImportOptions = {},
): Promise<Saver | undefined> {
  requireSupported("importMetaGraph", options, IMPORT_OPTIONS);
  const metaGraph =
    typeof metaGraphOrFile === "string" ? await readMetaGraph(metaGraphOrFile, options) : metaGraphOrFile;
  const { graph, saverDef } = importNodes(metaGraph, options);
  if (saverDef !== undefined) return new Saver({ ...options, graph, saverDef });
  const { GLOBAL_VARIABLES, SAVEABLE_OBJECTS } = GraphKeys;
  if (graph.collection(GLOBAL_VARIABLES).length + graph.collection(SAVEABLE_OBJECTS).length > 0) {
    return new Saver({ ...options, graph });
  }
  const warn = options.onWarning ?? warnOnConsole;
  warn("Saver not created because there are no variables in the graph to restore");
  return undefined;
}
