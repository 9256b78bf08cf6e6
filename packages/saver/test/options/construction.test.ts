import { ValueError } from "@tfsaver/core";
import { Graph, GraphKeys, Variable } from "@tfsaver/graph";
import { SaverDef } from "@tfsaver/proto/saver";
import { exportMetaGraph, importMetaGraph, Saver, saverOrDefault } from "@tfsaver/saver";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { errorOf, smallModel } from "../model.js";

describe("Saver", () => {
  it("saves all global variables by default", async () => {
    const { saver, graph } = await smallModel();
    expect(saver.asSaverDef()).toEqual(
      SaverDef.create({
        filenameTensorName: "save/Const:0",
        saveTensorName: "save/control_dependency:0",
        restoreOpName: "save/restore_all",
        maxToKeep: 5,
        keepCheckpointEveryNHours: 10000,
        version: 2,
      }),
    );
    expect(graph.operation("save/SaveV2").inputs.map(({ name }) => name)).toEqual([
      "save/Const:0",
      "save/SaveV2/tensor_names:0",
      "save/SaveV2/shape_and_slices:0",
      "a:0",
      "b:0",
    ]);
  });

  it("refuses to defer building when it is told what to save", async () => {
    const { a } = await smallModel();
    const error = await errorOf(() => new Saver({ varList: [a], deferBuild: true }));
    expect(error).toMatchObject({ kind: "ValueError", message: expect.stringContaining("build cannot be deferred") });
    expect(error.message).toContain("defer_build");
  });

  it("takes in what was added before a deferred build, and refuses to save before it", async () => {
    const { graph, session, storage } = await smallModel();
    const saver = new Saver({ graph, storage, deferBuild: true });
    const late = Variable.create([9], { graph, name: "late" });
    await session.run(late.initializer);
    const error = await errorOf(() => saver.save(session, "m"));
    expect(error).toMatchObject({
      kind: "RuntimeError",
      message: expect.stringContaining("`build()` should be called"),
    });
    saver.build();
    saver.build();
    expect(await saver.save(session, "m")).toBe("m");
    expect(graph.operation("save_1/SaveV2").inputs.at(-1)?.name).toBe("late:0");
  });

  it("has no variables to save in an empty graph, unless that is allowed", async () => {
    const graph = new Graph();
    expect(await errorOf(() => new Saver({ graph }))).toMatchObject({
      kind: "ValueError",
      message: "No variables to save",
    });
    const { session } = await smallModel();
    const storage = new MemoryStorage();
    const saver = new Saver({ graph, allowEmpty: true, storage });
    expect(saver.asSaverDef()).toBeUndefined();
    expect(await saver.save(session, "m")).toBeUndefined();
    await saver.restore(session, "nowhere");
    expect(await storage.stat("checkpoint")).toBeUndefined();
    expect(await storage.stat("m.meta")).toMatchObject({ kind: "file" });
  });

  it("rejects one variable under two names, naming the second", async () => {
    const { a, b } = await smallModel();
    const error = await errorOf(() => new Saver({ graph: a.graph, varList: { one: a, two: b, zwei: b } }));
    expect(error).toMatchObject({
      kind: "ValueError",
      message: "The same saveable will be restored with two names: zwei",
    });
  });

  it("takes null for what is not given, as Python takes None", async () => {
    const nothing = { varList: null, saverDef: null, builder: null, filename: null, deferBuild: null } as object;
    const { saver, session, graph } = await smallModel(nothing);
    expect(graph.operation("save/SaveV2").inputs).toHaveLength(5);
    await saver.save(session, "m", { globalStep: null, latestFilename: null, metaGraphSuffix: null } as object);
    expect(saver.lastCheckpoints).toEqual(["m"]);
    await saver.restore(session, "m", { match: null } as object);
  });

  it.each([5, "weights", (function* () {})()])("rejects %s as a list of variables", (varList) => {
    expect(() => new Saver({ graph: new Graph(), varList: varList as never })).toThrow(
      /Variables to save should be passed in a dict or a list/,
    );
  });

  it.each([
    [{ maxToKeep: 2.5 }, TypeError],
    [{ maxToKeep: "3" }, TypeError],
    [{ maxToKeep: 2 ** 40 }, ValueError],
    [{ keepCheckpointEveryNHours: Number.NaN }, TypeError],
    [{ keepCheckpointEveryNHours: "2" }, TypeError],
  ])("rejects %j, which a SaverDef can't hold", async (options, kind) => {
    const { graph } = await smallModel();
    expect(() => new Saver({ graph, ...(options as object) })).toThrow(kind);
  });

  it("says that building could not be done, and is not tried again", async () => {
    const { graph, session } = await smallModel();
    const empty = new Saver({ graph: new Graph(), deferBuild: true });
    expect(() => empty.build()).toThrow("No variables to save");
    expect((await errorOf(() => empty.save(session, "m"))).message).toContain("could not be built");
    expect(graph.finalized).toBe(false);
  });

  it.each(["name", "filename"])("rejects a %s that is not a string, by its name", async (option) => {
    const { graph } = await smallModel();
    const error = await errorOf(() => new Saver({ graph, [option]: 5 }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe(`${option} must be a string, not number`);
  });

  it("rejects what is neither a list nor a dictionary, and what is no variable", async () => {
    const { a } = await smallModel();
    const asText = await errorOf(() => new Saver({ varList: "weights" as never }));
    expect(asText).toBeInstanceOf(TypeError);
    expect(asText.message).toContain("Variables to save should be passed in a dict or a list");
    const read = await errorOf(() => new Saver({ graph: a.graph, varList: [a.snapshot] }));
    expect(read).toBeInstanceOf(TypeError);
    expect(read.message).toContain("Variable to save is not a Variable");
  });

  it("uses a SaverDef instead of adding operations, and takes its settings from there", async () => {
    const { graph, saver, session, storage } = await smallModel({ maxToKeep: 1 });
    const size = graph.size;
    const again = Saver.fromProto(saver.asSaverDef() as SaverDef, { graph, storage, maxToKeep: 7 });
    expect(graph.size).toBe(size);
    await again.save(session, "m", { globalStep: 1 });
    await again.save(session, "m", { globalStep: 2 });
    expect(again.lastCheckpoints).toEqual(["m-2"]);
  });

  it("puts a name before the names of a SaverDef, in place", async () => {
    const def = SaverDef.create({ filenameTensorName: "f:0", saveTensorName: "s:0", restoreOpName: "r", version: 2 });
    new Saver({ saverDef: def, name: "zz", graph: new Graph() });
    new Saver({ saverDef: def, name: "zz2/", graph: new Graph() });
    expect(def).toMatchObject({ filenameTensorName: "zz2/zz/f:0", restoreOpName: "zz2/zz/r" });
  });

  it("rejects a SaverDef that lacks a name", async () => {
    const none = await errorOf(() => new Saver({ saverDef: SaverDef.create(), graph: new Graph() }));
    expect(none.message).toContain("saver_def must specify the save_tensor_name");
    const half = SaverDef.create({ saveTensorName: "s:0" });
    expect((await errorOf(() => new Saver({ saverDef: half, graph: new Graph() }))).message).toContain(
      "saver_def must specify the restore_op_name",
    );
  });

  it("refuses options that do not exist, wherever they are given", async () => {
    const { graph, saver, session } = await smallModel();
    const wrong = { maxToKepp: 1 } as object;
    for (const attempt of [
      () => new Saver({ graph, ...wrong }),
      () => saver.save(session, "m", wrong),
      () => saver.restore(session, "m", wrong),
      () => saver.exportMetaGraph(wrong),
      () => exportMetaGraph({ graph, ...wrong }),
      () => importMetaGraph("m.meta", wrong),
    ]) {
      const error = await errorOf(attempt);
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain("no option 'maxToKepp'");
    }
  });

  it("is described by a message with and without a scope, as Saver.to_proto does it", async () => {
    const { graph } = await smallModel();
    const saver = graph.withNameScope("hid", () => new Saver({ graph }));
    const live = saver.asSaverDef();
    expect(saver.toProto()).toBe(live);
    // What TensorFlow 2.21 gives for a saver in the scope `hid/`.
    const names = (scope: string) => saver.toProto(scope)?.restoreOpName;
    expect(["", "hid", "hid/", "hi", "other"].map(names)).toEqual([
      "hid/save/restore_all",
      "save/restore_all",
      "save/restore_all",
      "hid/save/restore_all",
      undefined,
    ]);
    expect(saver.toProto("")).not.toBe(live);
    expect(live?.restoreOpName).toBe("hid/save/restore_all");
  });
});

describe("saverOrDefault", () => {
  it("is the one of the collection, or a sharded one that joins it", async () => {
    const { graph, storage } = await smallModel();
    const made = saverOrDefault({ graph, storage });
    expect(made.asSaverDef()).toMatchObject({ sharded: true });
    expect(graph.collection(GraphKeys.SAVERS)).toEqual([made]);
    expect(saverOrDefault({ graph })).toBe(made);
    graph.clearCollection(GraphKeys.SAVERS);
    graph.addToCollection(GraphKeys.SAVERS, made.asSaverDef());
    expect(saverOrDefault({ graph })).toBeInstanceOf(Saver);
    graph.addToCollection(GraphKeys.SAVERS, new Saver({ graph }));
    expect(() => saverOrDefault({ graph })).toThrow(/^More than one item in collection savers\./);
    expect(saverOrDefault({ graph: new Graph() }).asSaverDef()).toBeUndefined();
  });
});
