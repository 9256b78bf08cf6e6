import { Graph, GraphKeys, Variable } from "@tfsaver/graph";
import { readMetaGraph } from "@tfsaver/meta-graph";
import { GraphDebugInfo, MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { exportMetaGraph, importMetaGraph, Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, readFile, type Storage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { textOf } from "../../../../fixtures/storage-files.js";
import { errorOf, filesIn, smallModel } from "../model.js";

const decoded = async (storage: Storage, path: string) => MetaGraphDef.decode(await readFile(storage, path));
describe("exportMetaGraph of a saver", () => {
  it("returns a message, and writes it to a given file", async () => {
    const { saver, storage } = await smallModel();
    const metaGraph = await saver.exportMetaGraph({ filename: "some/where/graph.meta" });
    expect(metaGraph.saverDef).toBe(saver.asSaverDef());
    expect(await readFile(storage, "some/where/graph.meta")).toEqual(MetaGraphDef.encode(metaGraph));
    await saver.exportMetaGraph();
    expect(await filesIn(storage)).toEqual(["some"]);
  });

  it("writes text, which is read like bytes", async () => {
    const { saver, storage } = await smallModel();
    const metaGraph = await saver.exportMetaGraph({ filename: "graph.pbtxt", asText: true });
    expect(await textOf(storage, "graph.pbtxt")).toMatch(/^meta_info_def \{\n {2}stripped_op_list \{\n/);
    const read = await readMetaGraph("graph.pbtxt", { storage });
    expect(MetaGraphDef.encode(read)).toEqual(MetaGraphDef.encode(metaGraph));
    const graph = new Graph();
    const again = (await importMetaGraph("graph.pbtxt", { graph, storage })) as Saver;
    expect(again.asSaverDef()).toEqual(saver.asSaverDef());
  });

  it.each([
    [{ filename: "a.b/model.ckpt-1.meta" }, ["model.ckpt-1.meta", "model.ckpt-1_debug.meta"]],
    [{ filename: "a.b/graph" }, ["graph", "graph_debug"]],
    [{ filename: "a.b/graph.pbtxt", asText: true }, ["graph.pbtxt", "graph_debug.pbtxt"]],
  ])("writes debug information beside %j", async (options, files) => {
    const { saver, storage, graph } = await smallModel();
    await saver.exportMetaGraph({ ...options, saveDebugInfo: true });
    expect(await filesIn(storage, "a.b")).toEqual([...files].sort());
    const debug = `a.b/${files[1]}`;
    if ("asText" in options) expect(await textOf(storage, debug)).toContain('key: "a@"');
    else {
      const { nameToTraceId } = GraphDebugInfo.decode(await readFile(storage, debug));
      expect([...nameToTraceId.keys()].sort()).toEqual(graph.operations.map(({ name }) => `${name}@`).sort());
    }
  });

  it("omits devices, default attributes and other savers on request", async () => {
    const graph = new Graph();
    const a = graph.withDevice("/cpu:0", () => Variable.create(1, { graph, name: "a" }));
    const [saver, other] = ["mine", "other"].map((name) => new Saver({ graph, name, varList: [a] })) as [Saver, Saver];
    for (const one of [saver, other]) graph.addToCollection(GraphKeys.SAVERS, one);
    const { graphDef, metaInfoDef, collectionDef } = await saver.exportMetaGraph({
      clearDevices: true,
      stripDefaultAttrs: true,
      clearExtraneousSavers: true,
      collectionList: ["savers"],
    });
    expect(new Set(graphDef?.node.map(({ device }) => device))).toEqual(new Set([""]));
    expect(graphDef?.node.filter(({ name }) => name.startsWith("other/"))).toEqual([]);
    expect([...(graphDef?.node.find(({ name }) => name === "a")?.attr.keys() ?? [])].sort()).toEqual([
      "_output_shapes",
      "dtype",
      "shape",
    ]);
    expect(metaInfoDef?.strippedDefaultAttrs).toBe(true);
    expect(collectionDef.get("savers")?.bytesList?.value).toHaveLength(1);
    expect([...collectionDef.keys()]).toEqual(["savers"]);
  });

  it("is that of the function, with the saver's description put in", async () => {
    const { saver, graph } = await smallModel();
    const alone = await exportMetaGraph({ graph });
    expect(alone.saverDef).toBeUndefined();
    expect(MetaGraphDef.encode({ ...alone, saverDef: saver.asSaverDef() })).toEqual(
      MetaGraphDef.encode(await saver.exportMetaGraph()),
    );
  });

  it("contains no saver if it is not built yet", async () => {
    const { graph } = await smallModel();
    expect((await new Saver({ graph, deferBuild: true }).exportMetaGraph()).saverDef).toBeUndefined();
  });
});

describe("save", () => {
  it("writes the meta graph without default attributes, and debug information, on request", async () => {
    const { saver, session, storage } = await smallModel();
    await saver.save(session, "m", { globalStep: 1, stripDefaultAttrs: true, saveDebugInfo: true });
    expect((await decoded(storage, "m-1.meta")).metaInfoDef?.strippedDefaultAttrs).toBe(true);
    expect(await filesIn(storage)).toEqual([
      "checkpoint",
      "m-1.data-00000-of-00001",
      "m-1.index",
      "m-1.meta",
      "m-1_debug.meta",
    ]);
  });

  it("makes missing folders with createDirectories", async () => {
    const { saver, session, storage } = await smallModel({ createDirectories: true });
    await saver.save(session, "run/1/model", { globalStep: 1 });
    expect(await filesIn(storage, "run/1")).toContain("model-1.index");
    const sharded = await smallModel({ createDirectories: true, sharded: true });
    await sharded.saver.save(sharded.session, "run/1/model");
    expect(await filesIn(sharded.storage, "run/1")).toContain("model.index");
  });
});

describe("importMetaGraph", () => {
  it("into a scope gives a saver that restores the checkpoint's own names there, and saves them again", async () => {
    const { saver, session, storage } = await smallModel();
    await saver.save(session, "m");
    const graph = new Graph();
    graph.withNameScope("im", () => Variable.create(0, { graph, name: "other" }));
    const imported = (await importMetaGraph("m.meta", { graph, storage, importScope: "im" })) as Saver;
    expect(imported.asSaverDef()?.restoreOpName).toBe("im_1/save/restore_all");
    const other = new LocalSession(graph, { storage });
    await imported.restore(other, "m");
    expect((await other.run("im_1/a:0")).data).toEqual(Float32Array.of(1, 2));
    await imported.save(other, "n", { writeMetaGraph: false });
    expect(await readFile(storage, "n.index")).toEqual(await readFile(storage, "m.index"));
  });

  it("takes a surrounding name scope for its own, also where the graph has no variables", async () => {
    const { saver, session, storage } = await smallModel();
    await saver.save(session, "m");
    const graph = new Graph();
    const metaGraph = await readMetaGraph("m.meta", { storage });
    const imported = graph.withNameScope("outer", () => importMetaGraph(metaGraph, { graph, storage }));
    expect((await imported)?.asSaverDef()?.saveTensorName).toBe("outer/save/control_dependency:0");
    metaGraph.collectionDef.clear();
    const bare = graph.withNameScope("bare", () => importMetaGraph(metaGraph, { graph, storage }));
    expect((await bare)?.asSaverDef()?.saveTensorName).toBe("bare/save/control_dependency:0");
  });

  it("leaves the message as it is, so that it can be imported again", async () => {
    const { saver } = await smallModel();
    const metaGraph = await saver.exportMetaGraph();
    const before = MetaGraphDef.encode(metaGraph);
    const graph = new Graph();
    const names = [];
    for (const importScope of ["x", "y"]) {
      names.push((await importMetaGraph(metaGraph, { graph, importScope }))?.asSaverDef()?.restoreOpName);
    }
    expect(names).toEqual(["x/save/restore_all", "y/save/restore_all"]);
    expect(MetaGraphDef.encode(metaGraph)).toEqual(before);
  });

  it("returns the savers of a collection, each with its own variables", async () => {
    const storage = new MemoryStorage();
    const { graph, a, b, session } = await smallModel({ storage });
    const savers = { a, b };
    for (const [name, variable] of Object.entries(savers)) {
      const saver = new Saver({ graph, storage, name: `save_${name}`, varList: [variable] });
      graph.addToCollection(GraphKeys.SAVERS, saver);
      await saver.save(session, name, { writeMetaGraph: false, writeState: false });
    }
    const metaGraph = await exportMetaGraph({ graph });
    expect(metaGraph.saverDef).toBeUndefined();
    const other = new Graph();
    await importMetaGraph(metaGraph, { graph: other, storage, onWarning: () => {} });
    const [first, second] = other.collection(GraphKeys.SAVERS) as [Saver, Saver];
    const restored = new LocalSession(other, { storage });
    await first.restore(restored, "a");
    expect((await restored.run("a:0")).data).toEqual(Float32Array.of(1, 2));
    expect(await errorOf(() => restored.run("b:0"))).toMatchObject({ kind: "FailedPreconditionError" });
    await second.restore(restored, "b");
    expect((await restored.run("b:0")).data).toEqual(Int32Array.of(3));
  });
});
