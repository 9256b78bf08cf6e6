import { exportMetaGraph as collect, debugInfoOf, writeDebugInfo, writeMetaGraph } from "@tfsaver/meta-graph";
import type { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { debugInfoFilename } from "./checkpoint-path.js";
import { EXPORT_OPTIONS, requireKnown } from "./known-options.js";
import type { ExportOptions } from "./options.js";

/**
 * A graph with its collections and saver as one message, written to `filename` if one is given
 * (`tf.compat.v1.train.export_meta_graph`). The graph stays as it is.
 *
 * @throws `TypeError` for an option that is not of its type or does not exist; `ValueError` if the message is larger than
 * 2 GiB; the storage's errors.
 */
export async function exportMetaGraph(options: ExportOptions = {}): Promise<MetaGraphDef> {
  requireKnown("exportMetaGraph", options, EXPORT_OPTIONS);
  const { filename, asText, storage } = options;
  const metaGraph = collect(options);
  if (!filename) return metaGraph;
  await writeMetaGraph(filename, metaGraph, { storage, asText });
  if (options.saveDebugInfo && metaGraph.graphDef !== undefined) {
    await writeDebugInfo(debugInfoFilename(filename), debugInfoOf(metaGraph.graphDef), { storage, asText });
  }
  return metaGraph;
}
