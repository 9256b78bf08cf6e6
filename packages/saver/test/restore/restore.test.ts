import { copyTensor, toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { readMetaGraph, writeMetaGraph } from "@tfsaver/meta-graph";
import { importMetaGraph, Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { readFile } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { errorOf, smallModel } from "../model.js";

async function savedModel(options: { useResource?: boolean } = {}) {
  const model = await smallModel(options);
  await model.saver.save(model.session, "m");
  return model;
}

describe("restore", () => {
  it.each([false, true])(
    "gives variables that were never initialized their values (resource: %s)",
    async (useResource) => {
      const { graph, saver, a, b, storage } = await savedModel({ useResource });
      const session = new LocalSession(graph, { storage });
      await saver.restore(session, "m");
      expect(await session.run([a.snapshot, b.snapshot])).toEqual([toTensor([1, 2]), toTensor(3, "int32")]);
    },
  );

  it("reads the current content of a replaced file", async () => {
    const { saver, session, a } = await savedModel();
    await saver.restore(session, "m");
    await a.load(toTensor([8, 9]), session);
    await saver.save(session, "m");
    await session.run(a.initializer);
    await saver.restore(session, "m");
    expect((await session.run(a.snapshot)).data).toEqual(Float32Array.of(8, 9));
  });

  it("takes names from a dictionary, into variables of other names", async () => {
    const { storage } = await savedModel();
    const graph = new Graph();
    const other = Variable.create([0, 0], { graph, name: "quite_another" });
    const session = new LocalSession(graph, { storage });
    await new Saver({ graph, storage, varList: new Map([["a", other]]) }).restore(session, "m");
    expect((await session.run(other.snapshot)).data).toEqual(Float32Array.of(1, 2));
  });

  it.each(["m.index", "m.data-00000-of-00001", "m.meta"])("takes %s for the checkpoint m", async (path) => {
    const { graph, saver, a, storage } = await savedModel();
    const session = new LocalSession(graph, { storage });
    await saver.restore(session, path);
    expect(await session.run(a.snapshot)).toEqual(toTensor([1, 2]));
    const report = await saver.restore(session, path, { fallBack: true });
    expect(report).toMatchObject({ checkpoint: "m", passedOver: [] });
  });

  it("prefers a checkpoint of exactly the given prefix to one whose file has this name", async () => {
    const { graph, saver, session, a, storage } = await savedModel();
    await a.load(toTensor([8, 9]), session);
    await saver.save(session, "m.index");
    const other = new LocalSession(graph, { storage });
    for (const [path, values] of [
      ["m.index", [8, 9]],
      ["m", [1, 2]],
      ["m.index.index", [8, 9]],
    ] as const) {
      await saver.restore(other, path);
      expect(await other.run(a.snapshot)).toEqual(toTensor([...values]));
    }
  });

  it("refuses a path where there is no checkpoint", async () => {
    const { saver, session } = await smallModel();
    const error = await errorOf(() => saver.restore(session, "missing"));
    expect(error).toMatchObject({
      kind: "ValueError",
      message: "The passed save_path is not a valid checkpoint: missing",
    });
    expect(await errorOf(() => saver.restore(session, null as never))).toMatchObject({
      message: "Can't load save_path when it is None.",
    });
  });

  it("names a variable that the checkpoint lacks, and the likely reason", async () => {
    const { storage } = await savedModel();
    const graph = new Graph();
    Variable.create([0], { graph, name: "new" });
    const saver = new Saver({ graph, storage });
    const error = await errorOf(() => saver.restore(new LocalSession(graph, { storage }), "m"));
    expect(error.kind).toBe("NotFoundError");
    expect(error.message).toContain("a Variable name or other graph key that is missing from the checkpoint");
    expect(error.message).toContain("Key new not found in checkpoint");
    expect(error.message).toContain("Checkpoint: m, tensor or variable: new");
    expect(error).toMatchObject({ path: "m", tensor: "new" });
  });

  it("names every variable of another dtype before it reads anything", async () => {
    const { storage } = await savedModel();
    const graph = new Graph();
    Variable.create(toTensor([0, 0], "int32"), { graph, name: "a" });
    Variable.create(toTensor(0, "float64"), { graph, name: "b" });
    const saver = new Saver({ graph, storage });
    const error = await errorOf(() => saver.restore(new LocalSession(graph, { storage }), "m"));
    expect(error.kind).toBe("InvalidArgumentError");
    expect(error.message).toContain("a mismatch between the current graph and the graph from the checkpoint");
    expect(error.message).toContain("tensor_name = a; expected dtype int32 does not equal original dtype float\n");
    expect(error.message).toContain("tensor_name = b; expected dtype double does not equal original dtype int32");
    expect(error).toMatchObject({ path: "m", tensor: "a", message: expect.stringContaining("Checkpoint: m") });
  });

  it("refuses another shape for a reference variable, and reshapes with reshape", async () => {
    const { storage } = await savedModel();
    const graph = new Graph();
    const column = Variable.create([[0], [0]], { graph, name: "a" });
    const session = new LocalSession(graph, { storage });
    const error = await errorOf(() => new Saver({ graph, storage }).restore(session, "m"));
    expect(error.kind).toBe("InvalidArgumentError");
    expect(error.message).toContain("Assign requires shapes of both tensors to match. lhs shape= [2,1] rhs shape= [2]");
    expect(error).toMatchObject({ path: "m", tensor: "a" });
    expect(error.message).toContain("Checkpoint: m, tensor or variable: a");
    await new Saver({ graph, storage, reshape: true }).restore(session, "m");
    expect(await session.run(column.snapshot)).toEqual(toTensor([[1], [2]]));
  });

  it("gives a resource variable the checkpoint's shape, as TensorFlow does", async () => {
    const { storage } = await savedModel({ useResource: true });
    const graph = new Graph();
    const three = Variable.create([0, 0, 0], { graph, name: "a", useResource: true });
    const session = new LocalSession(graph, { storage });
    await new Saver({ graph, storage }).restore(session, "m");
    expect((await session.run(three.snapshot)).shape).toEqual([2]);
  });

  it("names a missing or truncated file", async () => {
    const { saver, session, storage } = await savedModel();
    const data = "m.data-00000-of-00001";
    const bytes = await readFile(storage, data);
    await storage.remove(data);
    const missing = await errorOf(() => saver.restore(session, "m"));
    expect(missing).toMatchObject({ kind: "NotFoundError", path: data });
    expect(missing.message).toContain(`${data}; No such file or directory`);
    const file = await storage.create(data);
    await file.write([bytes.subarray(0, 5)]);
    await file.close();
    const cut = await errorOf(() => saver.restore(session, "m"));
    expect(cut).toMatchObject({ kind: "DataLossError", path: data });
    expect(cut.message).toContain("has only 5 bytes");
  });

  it("assigns nothing when one tensor is damaged", async () => {
    const { graph, saver, storage, a } = await savedModel();
    const data = "m.data-00000-of-00001";
    const bytes = await readFile(storage, data);
    bytes[9] = (bytes[9] as number) ^ 1;
    const file = await storage.create(data);
    await file.write([bytes]);
    await file.close();
    const session = new LocalSession(graph, { storage });
    const error = await errorOf(() => saver.restore(session, "m"));
    expect(error).toMatchObject({ kind: "DataLossError", path: data, tensor: "b" });
    expect(await errorOf(() => session.run(a.snapshot))).toMatchObject({ kind: "FailedPreconditionError" });
  });

  it("does not change fetched tensors", async () => {
    const { saver, session, a } = await savedModel();
    const before = await session.run(a.snapshot);
    const copy = copyTensor(before);
    await a.load(toTensor([5, 5]), session);
    await saver.restore(session, "m");
    expect(before).toEqual(copy);
  });
});

describe("importMetaGraph", () => {
  it("returns the graph and the saver of a file, which restore and save again", async () => {
    const { storage } = await savedModel();
    const graph = new Graph();
    const saver = (await importMetaGraph("m.meta", { graph, storage })) as Saver;
    const session = new LocalSession(graph, { storage });
    await saver.restore(session, "m");
    expect((await session.run("a:0")).data).toEqual(Float32Array.of(1, 2));
    expect(await saver.save(session, "n")).toBe("n");
    expect(await readFile(storage, "n.meta")).toEqual(await readFile(storage, "m.meta"));
  });

  it("makes a saver over all variables when none came with the graph", async () => {
    const { storage } = await savedModel();
    const metaGraph = await readMetaGraph("m.meta", { storage });
    metaGraph.saverDef = undefined;
    await writeMetaGraph("bare.meta", metaGraph, { storage });
    const graph = new Graph();
    const saver = (await importMetaGraph("bare.meta", { graph, storage })) as Saver;
    // The first saver's nodes came along, but not its scope: the new ones stand beside them, as in TensorFlow.
    expect(saver.asSaverDef()?.saveTensorName).toBe("save/control_dependency_1:0");
  });

  it("returns no saver, with a warning, if there is nothing to save", async () => {
    const { storage } = await smallModel();
    const warnings: string[] = [];
    const metaGraph = await new Saver({ graph: new Graph(), allowEmpty: true, storage }).exportMetaGraph();
    const saver = await importMetaGraph(metaGraph, { graph: new Graph(), onWarning: (text) => warnings.push(text) });
    expect(saver).toBeUndefined();
    expect(warnings).toEqual(["Saver not created because there are no variables in the graph to restore"]);
  });

  it("names a file that does not exist or is not a meta graph", async () => {
    const { storage } = await savedModel();
    const missing = await errorOf(() => importMetaGraph("none.meta", { graph: new Graph(), storage }));
    expect(missing).toMatchObject({ kind: "NotFoundError", message: "File does not exist. Received: none.meta." });
    const wrong = await errorOf(() => importMetaGraph("m.index", { graph: new Graph(), storage }));
    expect(wrong).toMatchObject({ kind: "DataLossError", path: "m.index" });
    expect(wrong.message).toContain("Cannot parse file m.index");
  });
});
