import { ValueError } from "@tfsaver/core";
import { type Graph, getDefaultGraph, type Variable } from "@tfsaver/graph";
import { exportMetaGraph } from "./export/export-meta-graph.js";
import { importMetaGraph } from "./import-meta-graph.js";

/** From where to where {@link copyScopedMetaGraph} copies. */
export interface CopyScopedMetaGraphOptions {
  readonly fromScope: string;
  readonly toScope: string;
  /** Default: the default graph. */
  readonly fromGraph?: Graph | undefined;
  /** Default: the default graph. */
  readonly toGraph?: Graph | undefined;
}

/**
 * Copies what is in one name scope into another, of the same graph or another (`copy_scoped_meta_graph`).
 *
 * @returns the global variables of the copy, by name without the scope
 * @throws `ValueError` if it would be copied to itself; what {@link exportMetaGraph} and `importMetaGraph` throw.
 */
export function copyScopedMetaGraph(options: CopyScopedMetaGraphOptions): ReadonlyMap<string, Variable> {
  const { fromScope, toScope, fromGraph = getDefaultGraph(), toGraph = getDefaultGraph() } = options;
  if (fromGraph === toGraph && fromScope === toScope) {
    throw new ValueError(
      `'fromScope' and 'toScope' need to be different when performing copy in the same graph: both are '${toScope}'`,
    );
  }
  const metaGraph = exportMetaGraph({ graph: fromGraph, exportScope: fromScope });
  return importMetaGraph(metaGraph, { graph: toGraph, importScope: toScope }).variables;
}
