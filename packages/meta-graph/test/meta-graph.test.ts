import { readdirSync, readFileSync } from "node:fs";
import { Graph, getDefaultGraph, identity, placeholder, resetDefaultGraph, Variable } from "@tfsaver/graph";
import type { GraphDef } from "@tfsaver/proto/graph";
import { MetaGraphDef, MetaGraphDef_MetaInfoDef } from "@tfsaver/proto/meta-graph";
import { BulkSaverBuilder } from "@tfsaver/saver-builders";
import { MemoryStorage, readFile, writeFileAtomically } from "@tfsaver/storage";
import { beforeEach, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../fixtures/goldens.js";
import { copyScopedMetaGraph, exportMetaGraph, importMetaGraph, readMetaGraph, writeMetaGraph } from "../src/index.js";

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
  it("is the same after import and export, except for the version stamp", () => {
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

  it("skips unknown operations", () => {
    const graph = new Graph();
    graph.createOperation("Unheard", { name: "x" });
    expect(opNames(exportMetaGraph({ graph }))).toEqual([]);
  });

  it("names the TensorFlow version of its operations", () => {
    const { metaInfoDef } = exportMetaGraph({ graph: new Graph() });
    expect(metaInfoDef?.tensorflowVersion).toBe("2.21.0");
    expect(metaInfoDef?.tensorflowGitVersion).not.toBe("");
  });

  it("has the requested collections that exist", () => {
    const { graph } = model();
    graph.addToCollection("mine", "x");
    const keys = (collectionList?: string[]) => [...exportMetaGraph({ graph, collectionList }).collectionDef.keys()];
    expect(keys()).toEqual(["variables", "trainable_variables", "mine"]);
    expect(keys(["mine", "nowhere"])).toEqual(["mine"]);
    expect(keys([])).toEqual([]);
  });

  it("uses the default graph by default", () => {
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

  it("adds nothing if it is empty", () => {
    const { graph, variables, saverDef } = importMetaGraph(MetaGraphDef.create(), { graph: new Graph() });
    expect([graph.size, variables.size, saverDef]).toEqual([0, 0, undefined]);
  });

  it("adds renamed nodes if it is imported twice; its collections name the first ones", () => {
    const metaGraph = exportMetaGraph({ graph: model().graph });
    const graph = new Graph();
    importMetaGraph(metaGraph, { graph });
    const { variables } = importMetaGraph(metaGraph, { graph });
    expect(graph.operations.map(({ name }) => name)).toContain("a_1");
    expect([...variables.keys()]).toEqual(["a:0", "b:0"]);
  });

  it("can't be imported into a graph that is finalized", () => {
    const metaGraph = exportMetaGraph({ graph: model().graph });
    const graph = new Graph();
    graph.finalize();
    expect(() => importMetaGraph(metaGraph, { graph })).toThrow(expect.objectContaining({ kind: "RuntimeError" }));
  });

  it("gets a unique scope if its scope is taken", () => {
    const metaGraph = exportMetaGraph({ graph: model().graph });
    const graph = new Graph();
    const scopes = [1, 2].map(() => importMetaGraph(metaGraph, { graph, importScope: "im" }));
    expect(scopes.map(({ importScope }) => importScope)).toEqual(["im", "im_1"]);
    expect(scopes.map(({ variables }) => [...variables].map(([key, { name }]) => [key, name]))).toEqual([
      [
        ["a:0", "im/a:0"],
        ["b:0", "im/b:0"],
      ],
      [
        ["a:0", "im_1/a:0"],
        ["b:0", "im_1/b:0"],
      ],
    ]);
  });

  it("returns the requested operations and outputs", () => {
    const metaGraph = exportMetaGraph({ graph: model().graph });
    const graph = new Graph();
    const elements = (returnElements: string[]) =>
      importMetaGraph(metaGraph, { graph: new Graph(), importScope: "im", returnElements }).returnElements;
    const { returnElements } = importMetaGraph(metaGraph, { graph, importScope: "im", returnElements: ["b", "a:0"] });
    expect(returnElements).toEqual([graph.operation("im/b"), graph.output("im/a:0")]);
    for (const name of ["c", "a:1"]) {
      expect(() => elements([name])).toThrow(`Requested return_element '${name}' not found in graph_def.`);
    }
  });

  it("changes neither the imported message nor the exported graph", () => {
    const { graph, variables } = model();
    const saverDef = graph.withDevice("/cpu:0", () => new BulkSaverBuilder().build(variables, { graph }));
    const before = MetaGraphDef.encode(exportMetaGraph({ graph, saverDef }));
    const message = MetaGraphDef.decode(before);
    exportMetaGraph({ graph, saverDef, clearDevices: true, clearExtraneousSavers: true, stripDefaultAttrs: true });
    exportMetaGraph({ graph, exportScope: "save" });
    graph.finalize();
    exportMetaGraph({ graph, exportScope: "save" });
    expect(MetaGraphDef.encode(exportMetaGraph({ graph, saverDef }))).toEqual(before);
    importMetaGraph(message, { graph: new Graph(), importScope: "im", clearDevices: true });
    expect(MetaGraphDef.encode(message)).toEqual(before);
  });

  it("keeps the given information, except for the version", () => {
    const { graph } = model();
    const metaInfoDef = MetaGraphDef_MetaInfoDef.create({ tags: ["serve"], tensorflowVersion: "0.1" });
    const metaGraph = exportMetaGraph({ graph, metaInfoDef });
    expect(metaGraph.metaInfoDef).toMatchObject({ tags: ["serve"], tensorflowVersion: "2.21.0" });
    expect(opNames(metaGraph)).toContain("VariableV2");
    expect(metaInfoDef.tensorflowVersion).toBe("0.1");
  });

  it.each([
    ["metaInfoDef", { metaInfoDef: {} }],
    ["graphDef", { graphDef: {} }],
    ["saverDef", { saverDef: {} }],
  ])("refuses an invalid %s", (name, options) => {
    expect(() => exportMetaGraph({ graph: new Graph(), ...(options as object) })).toThrow(
      new RegExp(`^${name} must be`),
    );
  });
});

describe("an unknown field", () => {
  /** Field 999, with a number for its place. */
  const stranger = (number: number) => [Uint8Array.of(0xb8, 0x3e, number)];

  it("is exported unchanged, wherever it is", () => {
    const { graph, variables } = model();
    const exported = exportMetaGraph({ graph, saverDef: new BulkSaverBuilder().build(variables, { graph }) });
    // A copy, because exported meta graphs share their operation definitions.
    const metaGraph = MetaGraphDef.decode(MetaGraphDef.encode(exported));
    const { graphDef, saverDef, metaInfoDef, collectionDef } = metaGraph;
    const node = graphDef?.node.find(({ name }) => name === "a/initial_value");
    const value = node?.attr.get("value");
    const places = [graphDef, graphDef?.versions, node, value, value?.tensor, value?.tensor?.tensorShape, saverDef];
    places.push(metaInfoDef?.strippedOpList?.op[0]);
    for (const [number, place] of places.entries()) Object.assign(place as object, { unknownFields: stranger(number) });
    (graphDef as GraphDef).debugInfo = Uint8Array.of(1, 2, 3);
    const list = collectionDef.get("variables")?.bytesList?.value as Uint8Array[];
    list[0] = Uint8Array.of(...(list[0] as Uint8Array), 0xb8, 0x3e, 99);

    const before = MetaGraphDef.encode(metaGraph);
    const other = new Graph();
    const imported = importMetaGraph(MetaGraphDef.decode(before), { graph: other });
    expect(MetaGraphDef.encode(exportMetaGraph({ graph: other, saverDef: imported.saverDef }))).toEqual(before);
  });
});

describe("a part of a graph", () => {
  /** Two nodes that take the same input from outside, and one of them waits for another node outside. */
  function part() {
    const graph = new Graph();
    const outside = placeholder("float32", { graph, name: "outside", shape: [] });
    const before = graph.createOperation("NoOp", { name: "before" });
    graph.withNameScope("scope", () => {
      identity(outside, { name: "once" });
      graph.withControlDependencies([before], () => identity(outside, { name: "again" }));
    });
    return exportMetaGraph({ graph, exportScope: "scope/" });
  }

  function importPart(inputs: readonly string[]) {
    const graph = new Graph();
    const given = placeholder("float32", { graph, name: "given", shape: [] });
    importMetaGraph(part(), { graph, inputMap: Object.fromEntries(inputs.map((name) => [name, given])) });
    return graph;
  }

  it("takes its outside inputs from where it is imported", () => {
    const graph = importPart(["$unbound_inputs_outside", "^$unbound_inputs_before"]);
    expect(graph.operation("once").inputs).toEqual([graph.output("given:0")]);
    expect(graph.operation("again").inputs).toEqual([graph.output("given:0")]);
    expect([...graph.operation("again").controlInputs]).toEqual([graph.operation("given")]);
    expect(graph.collection("unbound_inputs")).toEqual([]);
  });

  it.each([
    [[], "Graph contains unbound inputs: $unbound_inputs_outside. Must provide these inputs through input_map."],
    [["outside"], "Graph contains unbound inputs: $unbound_inputs_outside."],
    [["$unbound_inputs_outside"], "Unknown input node '^$unbound_inputs_before'"],
    [
      ["$unbound_inputs_outside", "^$unbound_inputs_before", "other"],
      "Attempted to map inputs that were not found in graph_def: [other:0]",
    ],
  ])("can't be imported with the inputs %j", (inputs, message) => {
    expect(() => importPart(inputs)).toThrow(message);
  });

  it("is copied to another scope or graph, but not onto itself", () => {
    const graph = new Graph();
    graph.withNameScope("from", () => Variable.create([1, 2], { graph, name: "v" }));
    const same = copyScopedMetaGraph({ fromScope: "from", toScope: "to", fromGraph: graph, toGraph: graph });
    expect([...same].map(([key, { name }]) => [key, name])).toEqual([["v:0", "to/v:0"]]);
    const toGraph = new Graph();
    const other = copyScopedMetaGraph({ fromScope: "from", toScope: "from", fromGraph: graph, toGraph });
    expect(other.get("v:0")).toBe(toGraph.collection("variables")[0]);
    expect(() => copyScopedMetaGraph({ fromScope: "a", toScope: "a", fromGraph: graph, toGraph: graph })).toThrow(
      /need to be different/,
    );
  });
});

describe("a file", () => {
  let storage: MemoryStorage;
  beforeEach(() => {
    storage = new MemoryStorage();
  });

  it("contains a meta graph, and its missing folders are created", async () => {
    const metaGraph = exportMetaGraph({ graph: model().graph });
    await writeMetaGraph("some/where/model.meta", metaGraph, { storage });
    const read = await readMetaGraph("some/where/model.meta", { storage });
    expect(MetaGraphDef.encode(read)).toEqual(MetaGraphDef.encode(metaGraph));
    expect((await storage.list("some/where")).map(({ name }) => name)).toEqual(["model.meta"]);
    expect(await readFile(storage, "some/where/model.meta")).toEqual(MetaGraphDef.encode(metaGraph));
  });

  it("is an error if it does not exist", async () => {
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

  it.each([
    [
      "a Git LFS pointer",
      "version https://git-lfs.github.com/spec/v1\nsize 23415\n",
      /it is a Git LFS pointer, .* `git lfs pull`$/,
    ],
    ["a web page", "<!DOCTYPE html><html>", /it is a web page, not the file itself: fetch it again$/],
    ["JSON", '{"error": 404}', /it is JSON/],
    ["a state file", 'model_checkpoint_path: "m"', /it is a state file, which lists checkpoints$/],
    ["a zip archive", "PK\u0003\u0004".padEnd(99), /it is a zip archive/],
    ["a Python pickle", "\u0080\u0004\u0095\u0001\u0002", /it is a Python pickle/],
    ["HDF5", "\u0089HDF\r\n\u001a\n\u0001", /it is an HDF5 file/],
    [
      "the graph of a SavedModel",
      "\u0008\u0001\u0012\u0005\n\u0003\u0012\u0001\u0080",
      /it is the graph of a SavedModel/,
    ],
    ["a GraphDef", "\n\u000a\n\u0001x\u0012\u0005Const", /it is a GraphDef/],
    ["other bytes", "\u0001\u0002\u0003".repeat(9), /The file is damaged, or its end is missing: copy it again$/],
    ["text of another kind", "not a meta graph", /^Cannot parse file bad\.meta: line 1, column \d+: /],
  ])("that is %s is named for what it is, once", async (_, content, wanted) => {
    await writeFileAtomically(
      storage,
      "bad.meta",
      Uint8Array.from(content, (char) => char.charCodeAt(0)),
    );
    await expect(readMetaGraph("bad.meta", { storage })).rejects.toMatchObject({
      kind: "DataLossError",
      message: expect.stringMatching(wanted),
      path: "bad.meta",
    });
  });

  it("without bytes is an empty meta graph", async () => {
    await writeFileAtomically(storage, "empty.meta", new Uint8Array());
    expect(await readMetaGraph("empty.meta", { storage })).toEqual(MetaGraphDef.create());
  });
});
