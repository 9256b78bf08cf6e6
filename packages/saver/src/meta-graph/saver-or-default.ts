import { RuntimeError } from "@tfsaver/core";
import { GraphKeys, resolveGraph } from "@tfsaver/graph";
import type { SaverOptions } from "../options/saver-options.js";
import { Saver } from "../saver.js";
import { makeSaversOf } from "./savers-of.js";

/**
 * Returns the saver in a graph's collection of savers. If there is none, makes a sharded one and adds it to the collection
 * (`_get_saver_or_default`, by which training loops find their saver).
 *
 * @throws `RuntimeError` if there are several.
 *
 * @example
 * ```ts
 * import { Graph } from "@tfsaver/graph";
 * import { saverOrDefault } from "@tfsaver/saver";
 *
 * const graph = new Graph();
 * console.log(saverOrDefault({ graph }) === saverOrDefault({ graph })); // true
 * ```
 */
export function saverOrDefault(options: Pick<SaverOptions, "graph" | "storage" | "onWarning"> = {}): Saver {
  const graph = resolveGraph(options.graph);
  makeSaversOf(graph, options);
  const savers = graph.collection(GraphKeys.SAVERS) as Saver[];
  if (savers.length > 1) {
    throw new RuntimeError(
      "More than one item in collection savers. Please indicate which one to use by passing it to the constructor.",
    );
  }
  if (savers[0] !== undefined) return savers[0];
  const saver = new Saver({ ...options, sharded: true, allowEmpty: true });
  graph.addToCollection(GraphKeys.SAVERS, saver);
  return saver;
}
