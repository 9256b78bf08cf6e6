import { readdirSync, readFileSync } from "node:fs";
import { Graph, getDefaultGraph, resetDefaultGraph, Variable } from "@tfsaver/graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { BulkSaverBuilder } from "@tfsaver/saver-builders";
import { MemoryStorage, readFile, writeFileAtomically } from "@tfsaver/storage";
import { beforeEach, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../fixtures/goldens.js";
import { exportMetaGraph, importMetaGraph, readMetaGraph, writeMetaGraph } from "../src/index.js";

const goldens = readdirSync(goldensFolder, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".meta"),
);
const opNames = ({ metaInfoDef }: MetaGraphDef) => metaInfoDef?.strippedOpList?.op.map(({ name }) => name);

function model() {
  const graph = new Graph();
  const variables = [
    Variable.create([1, 2], { graph, name: "a" }),
    Variable.create([3], { graph, name: "b", useResource: true }),
  ];
  return { graph, variables };
}

describe.each(goldens)("golden %s", (file) => {
  it("is the same after import and export, but for the stamp of who wrote it", () => {
    const bytes = readFileSync(`${goldensFolder}${file}`);
    const golden = MetaGraphDef.decode(bytes);
    const { graph, saverDef } = importMetaGraph(golden, { graph: new Graph() });
    const ours = exportMetaGraph({ graph, saverDef });
    const { tensorflowVersion, tensorflowGitVersion } = golden.metaInfoDef ?? {};
    Object.assign(ours.metaInfoDef as object, { tensorflowVersion, tensorflowGitVersion });
    expect(Buffer.compare(MetaGraphDef.encode(ours), bytes)).toBe(0);
  });

  it("has its global variables by name", () => {
    const { graph, variables } = importMetaGraph(MetaGraphDef.decode(readFileSync(`${goldensFolder}${file}`)), {
      graph: new Graph(),
    });
    expect([...variables.values()]).toEqual(graph.collection("variables"));
    for (const [name, variable] of variables) expect(variable.name).toBe(name);
  });
});

describe("a meta graph", () => {
  it("lists the operations it uses", () => {
    const { graph, variables } = model();
    const saverDef = new BulkSaverBuilder().build(variables, { graph });
    // The example of the specification, 6.4.
    expect(opNames(exportMetaGraph({ graph, saverDef }))).toEqual([
      "Assign",
      "AssignVariableOp",
      "Const",
      "Identity",
      "NoOp",
      "PlaceholderWithDefault",
      "ReadVariableOp",
      "RestoreV2",
      "SaveV2",
      "VarHandleOp",
      "VarIsInitializedOp",
      "VariableV2",
    ]);
  });

  it("passes over operations that are not known", () => {
    const graph = new Graph();
    graph.createOperation("Unheard", { name: "x" });
    expect(opNames(exportMetaGraph({ graph }))).toEqual([]);
  });

  it("says which TensorFlow its operations are of", () => {
    const { metaInfoDef } = exportMetaGraph({ graph: new Graph() });
    expect(metaInfoDef?.tensorflowVersion).toBe("2.21.0");
    expect(metaInfoDef?.tensorflowGitVersion).not.toBe("");
  });

  it("has the collections that are asked for, of those that there are", () => {
    const { graph } = model();
    graph.addToCollection("mine", "x");
    const keys = (collectionList?: string[]) => [...exportMetaGraph({ graph, collectionList }).collectionDef.keys()];
    expect(keys()).toEqual(["variables", "trainable_variables", "mine"]);
    expect(keys(["mine", "nowhere"])).toEqual(["mine"]);
    expect(keys([])).toEqual([]);
  });

  it("comes from the default graph and goes there, unless told otherwise", () => {
    resetDefaultGraph();
    Variable.create(1, { name: "v" });
    const metaGraph = exportMetaGraph();
    resetDefaultGraph();
    const { graph, variables, saverDef } = importMetaGraph(metaGraph);
    expect(graph).toBe(getDefaultGraph());
    expect([...variables.keys()]).toEqual(["v:0"]);
    expect(saverDef).toBeUndefined();
    resetDefaultGraph();
  });

  it("that is empty adds nothing", () => {
    const { graph, variables, saverDef } = importMetaGraph(MetaGraphDef.create(), { graph: new Graph() });
    expect([graph.size, variables.size, saverDef]).toEqual([0, 0, undefined]);
  });

  it("imported again adds nodes of other names; its collections name the first ones", () => {
    const metaGraph = exportMetaGraph({ graph: model().graph });
    const graph = new Graph();
    importMetaGraph(metaGraph, { graph });
    const { variables } = importMetaGraph(metaGraph, { graph });
    expect(graph.operations.map(({ name }) => name)).toContain("a_1");
    expect([...variables.keys()]).toEqual(["a:0", "b:0"]);
  });

  it("can't be imported into a name scope or a graph that is finalized", () => {
    const metaGraph = exportMetaGraph({ graph: model().graph });
    const graph = new Graph();
    const attempt = () => importMetaGraph(metaGraph, { graph });
    expect(() => graph.withNameScope("outer", attempt)).toThrow(
      expect.objectContaining({ kind: "UnimplementedError" }),
    );
    graph.finalize();
    expect(attempt).toThrow(expect.objectContaining({ kind: "RuntimeError" }));
  });
});

describe("a file", () => {
  let storage: MemoryStorage;
  beforeEach(() => {
    storage = new MemoryStorage();
  });

  it("holds a meta graph, in folders that are made for it", async () => {
    const metaGraph = exportMetaGraph({ graph: model().graph });
    await writeMetaGraph("some/where/model.meta", metaGraph, { storage });
    const read = await readMetaGraph("some/where/model.meta", { storage });
    expect(MetaGraphDef.encode(read)).toEqual(MetaGraphDef.encode(metaGraph));
    expect((await storage.list("some/where")).map(({ name }) => name)).toEqual(["model.meta"]);
    expect(await readFile(storage, "some/where/model.meta")).toEqual(MetaGraphDef.encode(metaGraph));
  });

  it("that does not exist is an error", async () => {
    await expect(readMetaGraph("no/model.meta", { storage })).rejects.toMatchObject({
      kind: "NotFoundError",
      message: "File does not exist. Received: no/model.meta.",
      path: "no/model.meta",
    });
  });

  it.each([
    ["text", new TextEncoder().encode("not a meta graph")],
    ["bytes cut off", readFileSync(`${goldensFolder}v2-with-meta/model.ckpt-7.meta`).subarray(0, 1000)],
  ])("of %s is an error", async (_, bytes) => {
    await writeFileAtomically(storage, "bad.meta", new Uint8Array(bytes));
    await expect(readMetaGraph("bad.meta", { storage })).rejects.toMatchObject({
      kind: "DataLossError",
      message: expect.stringMatching(/^Cannot parse file bad\.meta: /),
      path: "bad.meta",
    });
  });

  it("of no bytes is an empty meta graph", async () => {
    await writeFileAtomically(storage, "empty.meta", new Uint8Array());
    expect(await readMetaGraph("empty.meta", { storage })).toEqual(MetaGraphDef.create());
  });
});
