import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toTensor } from "@tfsaver/core";
import { Graph, GraphKeys, type Output, type Variable } from "@tfsaver/graph";
import { exportMetaGraph, writeMetaGraph } from "@tfsaver/meta-graph";
import { importMetaGraph, type Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { valuesOf } from "./content.js";
import { Oracle, type Tensors } from "./oracle.js";

/** Versions of tools/oracle/older_graphs.py, with operations that their graphs must and must not contain. */
const VERSIONS = [
  ["0.6", ["Variable", "Save", "Restore"], ["SaveSlices", "RestoreV2", "PlaceholderWithDefault"]],
  ["0.8", ["Variable", "SaveSlices", "RestoreSlice"], ["RestoreV2", "PlaceholderWithDefault"]],
  ["0.11.0", ["Variable", "SaveSlices", "RestoreSlice", "ShardedFilespec"], ["RestoreV2", "PlaceholderWithDefault"]],
  ["0.12.1", ["Variable", "SaveV2", "RestoreV2", "MergeV2Checkpoints"], ["Select", "PlaceholderWithDefault"]],
  ["1.2.1", ["VariableV2", "SaveV2", "RestoreV2"], ["Variable", "PlaceholderWithDefault"]],
  ["1.3.0", ["VarHandleOp", "SaveV2", "MergeV2Checkpoints"], ["Select", "PlaceholderWithDefault"]],
  ["1.8.0", ["VariableV2", "SaveV2", "MergeV2Checkpoints"], ["Select", "PlaceholderWithDefault"]],
  ["1.14.0", ["VarHandleOp", "MergeV2Checkpoints", "PlaceholderWithDefault"], ["Select", "DisableCopyOnRead"]],
  ["2.3.0", ["VarHandleOp", "MergeV2Checkpoints", "Select"], ["DisableCopyOnRead"]],
] as const;

let oracle: Oracle;
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(() => oracle.close());

/** Changes every numeric variable by feeding its initializer. */
async function change(session: LocalSession, variables: readonly Variable[]): Promise<void> {
  for (const { initializer, snapshot } of variables) {
    const { dtype, shape, data } = await session.run(snapshot);
    if (dtype === "string") continue;
    const changed = Array.from(data as ArrayLike<number | bigint>, (value) => Number(value) * 2 + 1);
    await session.run(initializer, new Map([[initializer.inputs[1] as Output, toTensor(changed, dtype, shape)]]));
  }
}

describe.each(VERSIONS)("a graph of TensorFlow %s", (version, has, lacks) => {
  let folder: string;
  /** The graph, and a checkpoint that TensorFlow saved with it. */
  let older: { meta: string; prefix: string; values: Tensors };
  let graph: Graph;
  let saver: Saver;
  let variables: Variable[];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tfsaver-older-"));
    older = await oracle.ask("make_older_graph", { version, folder });
    graph = new Graph();
    saver = (await importMetaGraph(older.meta, { graph, onWarning: () => {} })) as Saver;
    variables = graph.collection(GraphKeys.GLOBAL_VARIABLES) as Variable[];
    return () => rmSync(folder, { recursive: true });
  });

  it("has that version's operations", () => {
    const types = new Set(graph.operations.map(({ type }) => type));
    expect([...has].filter((type) => !types.has(type))).toEqual([]);
    expect([...lacks].filter((type) => types.has(type))).toEqual([]);
  });

  it("restores TensorFlow's checkpoint in tfsaver, and tfsaver's checkpoint in TensorFlow", async () => {
    const session = new LocalSession(graph);
    await saver.restore(session, older.prefix);
    expect(await valuesOf(session, variables)).toEqual(older.values);
    await change(session, variables);
    const ours = await valuesOf(session, variables);
    expect(ours).not.toEqual(older.values);
    const prefix = await saver.save(session, join(folder, "ours"), { writeMetaGraph: false });
    expect(await oracle.ask("restore_older_graph", { meta: older.meta, prefix })).toEqual(ours);
  });

  it("is the same to TensorFlow after tfsaver exported it", async () => {
    const exported = join(folder, "exported.meta");
    await writeMetaGraph(exported, exportMetaGraph({ graph, saverDef: saver.asSaverDef() }));
    expect(await oracle.ask("compare_imports", { ours: exported, theirs: older.meta })).toEqual([]);
    const { prefix, values } = older;
    expect(await oracle.ask("restore_older_graph", { meta: exported, prefix })).toEqual(values);
  });
});
