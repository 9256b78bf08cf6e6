import { readFileSync } from "node:fs";
import { Graph, placeholder } from "@tfsaver/graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { describe, expect, it } from "vitest";
import { jsonLines } from "../../../fixtures/json-lines.js";
import { exportScopedMetaGraph, importMetaGraph } from "../src/index.js";

/** One record of tensorflow-exports.py. Messages are in base64. */
interface Source {
  readonly source: string;
  readonly meta_graph: string;
}

interface Recorded {
  readonly title: string;
  readonly of: string;
  readonly importing: {
    readonly around?: string;
    readonly import_scope?: string;
    readonly clear_devices?: boolean;
    readonly without?: readonly string[];
    readonly input_map?: Readonly<Record<string, string>>;
    readonly again?: boolean;
  };
  readonly exporting: {
    readonly export_scope?: string;
    readonly clear_devices?: boolean;
    readonly clear_extraneous_savers?: boolean;
    readonly strip_default_attrs?: boolean;
    readonly saver_def?: "saver";
    /** The nodes are passed as `graphDef`, as a saver does. */
    readonly as_saver?: boolean;
    readonly collection_list?: readonly string[];
  };
  readonly exported: string;
  readonly imported_variables: readonly string[];
  readonly exported_variables: readonly string[];
}

const lines = jsonLines<Source | Recorded>(readFileSync(new URL("tensorflow-exports.jsonl", import.meta.url), "utf8"));
const decode = (base64: string) => MetaGraphDef.decode(Buffer.from(base64, "base64"));
const sources = new Map(lines.flatMap((line) => ("source" in line ? [[line.source, line.meta_graph]] : [])));
const records = lines.filter((line) => "title" in line);
const onWarning = () => {};

function importSource(source: MetaGraphDef, graph: Graph, importing: Recorded["importing"]) {
  const given = importing.input_map && placeholder("float32", { graph, name: "given", shape: [-1, 3] });
  const run = () =>
    importMetaGraph(source, {
      graph,
      importScope: importing.import_scope,
      clearDevices: importing.clear_devices,
      inputMap: given && Object.fromEntries(Object.keys(importing.input_map ?? {}).map((input) => [input, given])),
      restoreCollectionsPredicate: (key) => !importing.without?.includes(key),
      onWarning,
    });
  if (importing.again) run();
  return importing.around === undefined ? run() : graph.withNameScope(importing.around, run);
}

function withoutStamps(metaGraph: MetaGraphDef): MetaGraphDef {
  Object.assign(metaGraph.metaInfoDef as object, { tensorflowVersion: "", tensorflowGitVersion: "" });
  return metaGraph;
}

describe("a meta graph, imported and exported as TensorFlow does it", () => {
  it.each(records)("$title", ({ of, importing, exporting, ...expected }) => {
    const source = decode(sources.get(of) as string);
    const graph = new Graph();
    const imported = importSource(source, graph, importing);
    const { metaGraph, variables } = exportScopedMetaGraph({
      graph,
      graphDef: exporting.as_saver ? graph.toGraphDef(true) : undefined,
      exportScope: exporting.export_scope,
      clearDevices: exporting.clear_devices,
      clearExtraneousSavers: exporting.clear_extraneous_savers,
      stripDefaultAttrs: exporting.strip_default_attrs,
      collectionList: exporting.collection_list,
      saverDef: exporting.saver_def && source.saverDef,
      onWarning,
    });
    const theirs = decode(expected.exported);
    expect(withoutStamps(metaGraph)).toEqual(theirs);
    expect(Buffer.compare(MetaGraphDef.encode(metaGraph), MetaGraphDef.encode(theirs))).toBe(0);
    expect([...imported.variables.keys()].sort()).toEqual(expected.imported_variables);
    expect([...variables.keys()].sort()).toEqual(expected.exported_variables);
  });
});
