import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isNumeric, type Tensor, tensorBytes, tensorStrings } from "@tfsaver/core";
import { Graph, importGraphDef } from "@tfsaver/graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";

/** The graph and the saver of a `.meta` file. */
export function importMetaFile(path: string) {
  const meta = MetaGraphDef.decode(readFileSync(path));
  if (meta.graphDef === undefined) throw new Error(`${path} has no graph`);
  const graph = new Graph();
  importGraphDef(graph, meta.graphDef, { opDefs: meta.metaInfoDef?.strippedOpList?.op ?? [] });
  return { graph, saverDef: meta.saverDef };
}

/** Prints a tensor like `fixtures/*.json`. */
export interface Described {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes_b64?: string;
  readonly strings_b64?: readonly string[];
}

/** Reads a graph that `fixtures/make_fixtures.py` made, and TensorFlow's results. */
export function fixture<T>(name: string) {
  const path = fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
  const expected = JSON.parse(readFileSync(`${path}.json`, "utf8")) as Record<string, T>;
  return { graph: importMetaFile(`${path}.meta`).graph, expected };
}

export function described(tensor: Tensor): Described {
  const { dtype, shape } = tensor;
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  if (isNumeric(dtype)) return { dtype, shape, bytes_b64: base64(tensorBytes(tensor)) };
  return { dtype, shape, strings_b64: tensorStrings(tensor).map(base64) };
}
