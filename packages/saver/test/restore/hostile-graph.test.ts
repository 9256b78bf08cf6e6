import { toTensor } from "@tfsaver/core";
import { attr, constant, Graph, type Operation, type Output, Variable } from "@tfsaver/graph";
import { exportMetaGraph, importMetaGraph, Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { errorOf, filesIn, initializedSession } from "../model.js";

type Malice = (graph: Graph) => Operation;

const text = (graph: Graph, ...values: string[]) => constant(toTensor(values, "string", [values.length]), { graph });
const only = (op: Operation) => op.outputs[0] as Output;

function saveTo(graph: Graph, path: string): Operation {
  const inputs = [constant(path, { graph }), text(graph, "x"), text(graph, ""), constant([1], { graph })];
  return graph.createOperation("SaveV2", { name: "malice", inputs, attrs: { dtypes: attr.types(["float32"]) } });
}

/**
 * Makes a meta graph with the variable `v` and a saver whose restore operation depends on malicious operations; with
 * `onSave`, its save operation does.
 */
async function imported(malice: Malice, onSave = false) {
  const storage = new MemoryStorage();
  const graph = new Graph();
  const v = Variable.create([1, 2], { graph, name: "v" });
  const saver = new Saver({ graph, storage });
  const session = new LocalSession(graph, { storage });
  await session.run(v.initializer);
  await saver.save(session, "m", { writeMetaGraph: false });
  await storage.createDirectory("home");
  const saverDef = saver.asSaverDef() as NonNullable<ReturnType<Saver["asSaverDef"]>>;
  const bad = malice(graph);
  if (onSave) {
    const save = only(
      graph.createOperation("Identity", {
        inputs: [graph.output(saverDef.saveTensorName)],
        controlInputs: [bad],
        attrs: { T: attr.type("string") },
      }),
    );
    saverDef.saveTensorName = `${save.op.name}:0`;
  } else {
    const restore = graph.createOperation("NoOp", { controlInputs: [graph.operation(saverDef.restoreOpName), bad] });
    saverDef.restoreOpName = restore.name;
  }
  await exportMetaGraph({ filename: "m.meta", graph, saverDef, storage });
  const again = new Graph();
  const loaded = (await importMetaGraph("m.meta", { graph: again, storage })) as Saver;
  const before = await filesIn(storage, "home");
  return { storage, saver: loaded, session: new LocalSession(again, { storage }), before };
}

describe("a malicious meta graph", () => {
  const writers: Readonly<Record<string, Malice>> = {
    "a save of its own": (graph) => saveTo(graph, "home/.bashrc"),
    "an old save": (graph) => {
      const inputs = [constant("home/x", { graph }), text(graph, "x"), constant([1], { graph })];
      return graph.createOperation("Save", { inputs, attrs: { T: attr.types(["float32"]) } });
    },
    "a merge, which removes its sources": (graph) =>
      graph.createOperation("MergeV2Checkpoints", { inputs: [text(graph, "m"), constant("home/x", { graph })] }),
  };

  it.each(Object.keys(writers))("writes nothing when it is restored: %s", async (kind) => {
    const { storage, saver, session } = await imported(writers[kind] as Malice);
    const error = await errorOf(() => saver.restore(session, "m"));
    expect(error).toMatchObject({
      kind: "PermissionDeniedError",
      message: expect.stringContaining("restoring writes no files"),
    });
    expect(await filesIn(storage, "home")).toEqual([]);
    expect(await storage.stat("m.index")).toBeDefined();
  });

  const elsewhere = ["home/.bashrc", "/etc/cron.d/x", "new/../home/x", "new\\..\\home\\x", "new\\sub/..\\../home/x"];

  it.each(elsewhere)("writes nothing to %s when it is saved", async (path) => {
    const { storage, saver, session } = await imported((graph) => saveTo(graph, path), true);
    await saver.restore(session, "m");
    const error = await errorOf(() => saver.save(session, "new"));
    expect(error).toMatchObject({ kind: "PermissionDeniedError", path });
    expect(await filesIn(storage, "home")).toEqual([]);
    expect((await storage.stat("checkpoint"))?.kind).toBe("file");
  });

  it("that claims to have saved elsewhere has no files removed there", async () => {
    const storage = new MemoryStorage();
    const graph = new Graph();
    const v = Variable.create([1], { graph, name: "v" });
    const honest = new Saver({ graph, storage });
    const session = new LocalSession(graph, { storage });
    await session.run(v.initializer);
    await storage.createDirectory("home");
    await honest.save(session, "home/x", { writeState: false, writeMetaGraph: false });
    const saverDef = { ...(honest.asSaverDef() as NonNullable<ReturnType<Saver["asSaverDef"]>>), maxToKeep: 1 };
    saverDef.saveTensorName = constant("home/x", { graph }).name;
    const saver = new Saver({ graph, storage, saverDef, onWarning: () => undefined });
    for (const path of ["m-1", "m-2"]) await saver.save(session, path, { writeMetaGraph: false });
    saver.setLastCheckpointsWithTime([["home/x", 1]]);
    await honest.save(session, "m-3", { writeMetaGraph: false });
    expect(await storage.stat("home/x.index")).toBeDefined();
  });

  it("that repeats the name of a tensor without end is refused before the names are decoded", async () => {
    const storage = new MemoryStorage();
    const graph = new Graph();
    Variable.create([1], { graph, name: "v" });
    const saver = new Saver({ graph, storage });
    const session = await initializedSession(graph, storage);
    await saver.save(session, "m", { writeMetaGraph: false });
    const names = graph.operation("save/RestoreV2/tensor_names").attributes.tensor("value");
    names.tensorShape = { dim: [{ size: 2 ** 24, name: "" }], unknownRank: false };
    const error = await errorOf(() => saver.restore(session, "m", { match: "intersect" }));
    expect(error).toMatchObject({
      kind: "InvalidArgumentError",
      message: "save/RestoreV2/tensor_names has 16777216 texts for the 1 tensors to restore",
    });
  });

  it("with a circle in it is refused", async () => {
    const graph = new Graph();
    Variable.create([1], { graph, name: "v" });
    const storage = new MemoryStorage();
    const saverDef = new Saver({ graph, storage }).asSaverDef();
    const def = await exportMetaGraph({ graph, saverDef });
    const nodes = def.graphDef?.node ?? [];
    nodes.find(({ op }) => op === "RestoreV2")?.input.push(`^${saverDef?.restoreOpName}`);
    const restore = async () => {
      const again = new Graph();
      const saver = (await importMetaGraph(def, { graph: again, storage })) as Saver;
      await saver.restore(new LocalSession(again, { storage }), "m");
    };
    await expect(restore()).rejects.toMatchObject({ kind: "ValueError", message: expect.stringContaining("cycle") });
  });

  it("with code runs none, because there is no kernel", async () => {
    const { saver, session } = await imported((graph) =>
      graph.createOperation("PyFunc", {
        attrs: { token: attr.string("os.system"), Tin: attr.types([]), Tout: attr.types([]) },
      }),
    );
    await expect(saver.restore(session, "m")).rejects.toMatchObject({ kind: "UnimplementedError" });
  });
});
