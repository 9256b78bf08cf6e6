import { ValueError } from "@tfsaver/core";
import { type Graph, resolveGraph, type Variable } from "@tfsaver/graph";
import { exportMetaGraph } from "./export/export-meta-graph.js";
import { importMetaGraph } from "./import-meta-graph.js";

/** Options of {@link copyScopedMetaGraph}. */
export interface CopyScopedMetaGraphOptions {
  readonly fromScope: string;
  readonly toScope: string;
  /** Default: the default graph. */
  readonly fromGraph?: Graph | undefined;
  /** Default: the default graph. */
  readonly toGraph?: Graph | undefined;
}

/**
 * Copies the content of a name scope to another scope, of the same graph or another one (`copy_scoped_meta_graph`).
 *
 * @returns the global variables of the copy, by their names without the scope
 *
 * @example
 * ```ts
 * import { Graph, Variable } from "@tfsaver/graph";
 * import { copyScopedMetaGraph } from "@tfsaver/meta-graph";
 *
 * const graph = new Graph();
 * graph.withNameScope("a", () => Variable.create(0, { graph, name: "step" }));
 * const copied = copyScopedMetaGraph({ fromScope: "a", toScope: "b", fromGraph: graph, toGraph: graph });
 * console.log(copied.get("step:0")?.name); // b/step:0
 * ```
 *
 * @throws `ValueError` if both scopes are the same; the errors of {@link exportMetaGraph} and {@link importMetaGraph}.
 */
export function copyScopedMetaGraph(options: CopyScopedMetaGraphOptions): ReadonlyMap<string, Variable> {
  const { fromScope, toScope } = options;
  const fromGraph = resolveGraph(options.fromGraph, "fromGraph");
  const toGraph = resolveGraph(options.toGraph, "toGraph");
  if (fromGraph === toGraph && fromScope === toScope) {
    throw new ValueError(
      `'fromScope' and 'toScope' need to be different when performing copy in the same graph: both are '${toScope}'`,
    );
  }
  const metaGraph = exportMetaGraph({ graph: fromGraph, exportScope: fromScope });
  return importMetaGraph(metaGraph, { graph: toGraph, importScope: toScope }).variables;
}
