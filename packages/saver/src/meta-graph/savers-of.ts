import { type Graph, GraphKeys } from "@tfsaver/graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import type { SaverOptions } from "../options/saver-options.js";
import { Saver } from "../saver.js";

/** Replaces the messages that an import left in a graph's collection of savers with savers. */
export function makeSaversOf(graph: Graph, options: SaverOptions): void {
  const values = graph.collection(GraphKeys.SAVERS);
  if (values.length === 0) return;
  graph.clearCollection(GraphKeys.SAVERS);
  for (const value of values) {
    const saver = value instanceof Saver ? value : Saver.fromProto(value as SaverDef, options);
    graph.addToCollection(GraphKeys.SAVERS, saver);
  }
}
