import { requireKnown, requireString } from "@tfsaver/core";
import { exportMetaGraph as collect, debugInfoOf, writeDebugInfo, writeMetaGraph } from "@tfsaver/meta-graph";
import type { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { EXPORT_OPTIONS } from "../options/option-names.js";
import type { ExportOptions } from "../options/saver-options.js";
import { debugInfoFilename } from "../save/checkpoint-path.js";

/**
 * Exports a graph with its collections and saver as one message (`tf.compat.v1.train.export_meta_graph`). With `filename`,
 * writes it to a file too. The graph stays as it is.
 *
 * @throws `TypeError` for an unknown option or one of a wrong type; `ValueError` if the message is larger than 2 GiB; the
 * storage's errors.
 *
 * @example
 * ```ts
 * import { Graph, Variable } from "@tfsaver/graph";
 * import { exportMetaGraph } from "@tfsaver/saver";
 *
 * const graph = new Graph();
 * Variable.create([1, 2], { graph, name: "weights" });
 * await exportMetaGraph({ graph, filename: "run/model.meta" });
 * ```
 */
export async function exportMetaGraph(options: ExportOptions = {}): Promise<MetaGraphDef> {
  requireKnown("exportMetaGraph", options, EXPORT_OPTIONS);
  const { filename, asText, storage } = options;
  if (filename !== undefined && filename !== null) requireString(filename, "filename");
  const metaGraph = collect(options);
  if (!filename) return metaGraph;
  await writeMetaGraph(filename, metaGraph, { storage, asText });
  if (options.saveDebugInfo && metaGraph.graphDef !== undefined) {
    await writeDebugInfo(debugInfoFilename(filename), debugInfoOf(metaGraph.graphDef), { storage, asText });
  }
  return metaGraph;
}
