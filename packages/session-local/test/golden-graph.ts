import { readFileSync } from "node:fs";
import { Graph, importGraphDef } from "@tfsaver/graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { goldensFolder } from "../../../fixtures/goldens.js";

/** The graph and the saver of a `.meta` file below `fixtures/goldens`. */
export function importMetaFile(file: string) {
  return importMeta(readFileSync(`${goldensFolder}${file}`));
}

/** The graph and the saver of a serialized meta graph. */
export function importMeta(bytes: Uint8Array) {
  const meta = MetaGraphDef.decode(bytes);
  if (meta.graphDef === undefined) throw new Error("The meta graph has no graph");
  const graph = new Graph();
  importGraphDef(graph, meta.graphDef, { opDefs: meta.metaInfoDef?.strippedOpList?.op ?? [] });
  return { graph, saverDef: meta.saverDef };
}
