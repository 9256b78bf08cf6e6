import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { Graph } from "@tfsaver/graph";
import { exportMetaGraph, importMetaGraph as importNodes, readMetaGraph, writeMetaGraph } from "@tfsaver/meta-graph";
import { importMetaGraph, type Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Oracle, type Tensors } from "./oracle.js";

/** A folder of `.meta` files of any origin, optionally with their checkpoints next to them. */
const FOLDER = process.env.TFSAVER_META_GRAPHS;

const files = FOLDER === undefined ? [] : filesIn(FOLDER);

function filesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".meta")).map((name) => join(folder, name));
}

/** Returns the prefix of a meta graph file's checkpoint; `undefined` if it is missing or incomplete. */
function checkpointOf(file: string): string | undefined {
  const prefix = file.replace(/\.meta$/, "");
  const beside = readdirSync(dirname(file)).filter((name) => name.startsWith(basename(prefix)));
  const rests = beside.map((name) => name.slice(basename(prefix).length));
  if (rests.includes("") || rests.some((rest) => rest.startsWith(".data-"))) return prefix;
  const shard = rests.find((rest) => rest.startsWith("-00000-of-"));
  return shard && prefix + shard.replace("00000", "?????");
}

let oracle: Oracle;
let folder: string;
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(() => oracle.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-meta-"));
  return () => rmSync(folder, { recursive: true });
});

const onWarning = () => {};

if (files.length === 0) it.skip("needs TFSAVER_META_GRAPHS, a folder of meta graph files", () => {});

describe.each(files)("%s", (file) => {
  it("is the same to TensorFlow after tfsaver exported it, as bytes and as text", async () => {
    const ours = join(folder, "ours.meta");
    const text = join(folder, "ours.pbtxt");
    const metaGraph = await readMetaGraph(file);
    const { graph } = importNodes(metaGraph, { graph: new Graph(), onWarning });
    const exported = exportMetaGraph({ graph, saverDef: metaGraph.saverDef, onWarning });
    await writeMetaGraph(ours, exported);
    await writeMetaGraph(text, exported, { asText: true });
    expect(await oracle.ask("compare_imports", { ours, theirs: file })).toEqual([]);
    expect(await oracle.ask("compare_exports", { ours, original: file })).toEqual([]);
    expect(await oracle.ask("compare_texts", { binary: ours, text })).toEqual([]);
  });

  it("is imported into a name scope as by TensorFlow", async () => {
    const ours = join(folder, "ours.meta");
    const scope = "some/where";
    const { graph } = importNodes(await readMetaGraph(file), { graph: new Graph(), importScope: scope, onWarning });
    await writeMetaGraph(ours, exportMetaGraph({ graph, onWarning }));
    expect(await oracle.ask("compare_exports", { ours, original: file, scope })).toEqual([]);
  });

  const prefix = checkpointOf(file);
  it.skipIf(prefix === undefined)(
    "has a checkpoint that tfsaver restores and saves again with equal values",
    async () => {
      const graph = new Graph();
      const saver = (await importMetaGraph(file, { graph, onWarning })) as Saver;
      const session = new LocalSession(graph);
      await saver.restore(session, prefix as string);
      const path = await saver.save(session, join(folder, "ours"), { writeMetaGraph: false });
      const theirs = await oracle.ask<Tensors>("read_checkpoint", { prefix });
      const ours = await oracle.ask<Tensors>("read_checkpoint", { prefix: path });
      expect(Object.keys(ours)).not.toEqual([]);
      expect(theirs).toMatchObject(ours);
    },
  );
});
