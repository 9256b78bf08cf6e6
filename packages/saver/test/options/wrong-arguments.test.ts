import { Graph, Variable } from "@tfsaver/graph";
import {
  exportMetaGraph,
  importMetaGraph,
  loadCheckpoint,
  Saver,
  saverFromObjectBasedCheckpoint,
  saverOrDefault,
} from "@tfsaver/saver";
import { HostVariable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { type MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { errorOf, smallModel } from "../model.js";

/** Passes a value of a wrong type, as JavaScript can. */
// biome-ignore lint/suspicious/noExplicitAny: that is the point
const wrong = (value: unknown) => value as any;

const graph = new Graph();
Variable.create([1, 2], { graph, name: "v" });
const host = new HostVariable([1], { name: "h" });
const eager = (varList: unknown) => new Saver({ eager: (own) => new LocalSession(own), varList: wrong(varList) });
const metaGraph = () => exportMetaGraph({ graph });
const importing = async (options: object) => importMetaGraph(await metaGraph(), { graph: new Graph(), ...options });

describe("an argument of a wrong type is a TypeError that names it:", () => {
  it.each<[string, () => unknown, string]>([
    ["importMetaGraph(null)", () => importMetaGraph(wrong(null)), "importMetaGraph takes a MetaGraphDef or the path"],
    ["importMetaGraph(undefined)", () => importMetaGraph(wrong(undefined)), "importMetaGraph takes a MetaGraphDef"],
    ["importMetaGraph(5)", () => importMetaGraph(wrong(5)), "importMetaGraph takes a MetaGraphDef or the path"],
    ["importMetaGraph({})", () => importMetaGraph(wrong({})), "importMetaGraph takes a MetaGraphDef or the path"],
    ["importMetaGraph(bytes)", () => importMetaGraph(wrong(new Uint8Array(9))), "importMetaGraph takes a MetaGraphDef"],
    ["importMetaGraph(…, null)", () => importMetaGraph("m", wrong(null)), "importMetaGraph takes an object of options"],
    ["importMetaGraph graph", () => importing({ graph: "x" }), "graph must be a Graph"],
    ["importMetaGraph importScope", () => importing({ importScope: 5 }), "importScope must be a string"],
    ["importMetaGraph inputMap", () => importing({ inputMap: 5 }), "inputMap must be a Map or an object"],
    [
      "importMetaGraph inputMap value",
      () => importing({ inputMap: { "a:0": "x" } }),
      "inputMap must have an Output for",
    ],
    [
      "importMetaGraph predicate",
      () => importing({ restoreCollectionsPredicate: 5 }),
      "restoreCollectionsPredicate must",
    ],
    ["exportMetaGraph graph", () => exportMetaGraph({ graph: wrong("x") }), "graph must be a Graph"],
    ["exportMetaGraph filename", () => exportMetaGraph({ graph, filename: wrong(5) }), "filename must be a string"],
    ["exportMetaGraph exportScope", () => exportMetaGraph({ graph, exportScope: wrong(5) }), "exportScope must be"],
    [
      "exportMetaGraph collections",
      () => exportMetaGraph({ graph, collectionList: wrong("x") }),
      "collectionList must",
    ],
    ["exportMetaGraph(null)", () => exportMetaGraph(wrong(null)), "exportMetaGraph takes an object of options"],
    ["saver.exportMetaGraph", () => new Saver({ graph }).exportMetaGraph({ filename: wrong(5) }), "filename must be"],
    ["new Saver(5)", () => new Saver(wrong(5)), "Saver takes an object of options"],
    ["new Saver graph", () => new Saver({ graph: wrong("x") }), "graph must be a Graph"],
    ["saverOrDefault graph", () => saverOrDefault({ graph: wrong("x") }), "graph must be a Graph"],
    ["loadCheckpoint(5)", () => loadCheckpoint(wrong(5)), "directoryOrPrefix must be a string"],
    ["saverFromObjectBasedCheckpoint(5)", () => saverFromObjectBasedCheckpoint(wrong(5)), "checkpointPath must be"],
    ["a key of an eager dictionary", () => eager(new Map([[5, host]])), "Name is not a string: 5"],
    ["a null key of an eager dictionary", () => eager(new Map([[null, host]])), "Name is not a string: null"],
    ["a symbol in an eager dictionary", () => eager(new Map([[Symbol("s"), host]])), "Name is not a string: Symbol(s)"],
    ["new LocalSession(null)", () => new LocalSession(wrong(null)), "A LocalSession takes the Graph to run"],
    ["limits", () => new LocalSession(graph, { limits: wrong(5) }), "limits must be an object"],
    ["feeds", () => new LocalSession(graph).run("v/Assign", wrong(5)), "feeds must be a Map or an object"],
    [
      "registerKernel",
      () => new LocalSession(graph).registerKernel("X", wrong(5)),
      "The kernel of X must be a function",
    ],
    ["a name scope", () => graph.withNameScope(wrong(5), () => 1), "The name of a name scope must be a string"],
    [
      "an operation's name",
      () => graph.createOperation("NoOp", { name: wrong(5) }),
      "The name of an operation must be",
    ],
    ["a device", () => graph.withDevice(wrong(5), () => 1), "The name of a device must be a string"],
    ["control dependencies", () => graph.withControlDependencies(wrong(5), () => 1), "Control dependencies must be"],
  ])("%s", async (_, action, message) => {
    const error = await errorOf(action);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(message);
  });
});

describe("a file where a folder is due, or the reverse, is named:", () => {
  async function withFile() {
    const model = await smallModel();
    await model.storage.createDirectory("folder");
    await writeFileAtomically(model.storage, "file", Uint8Array.of(1));
    return model;
  }

  it.each([
    ["file/m.meta", "file/m.meta can't be written: file is a file, not a folder", "file"],
    ["folder", "folder is a folder: pass the path of a file to write", "folder"],
  ])("exportMetaGraph to %s", async (filename, message, path) => {
    const { graph, storage } = await withFile();
    const error = await errorOf(() => exportMetaGraph({ graph, filename, storage }));
    expect(error).toMatchObject({ kind: "ValueError", message, path });
  });

  it("importing a folder", async () => {
    const { storage } = await withFile();
    const error = await errorOf(() =>
      importMetaGraph("folder", { graph: new Graph(), storage: storage as MemoryStorage }),
    );
    expect(error).toMatchObject({ kind: "FailedPreconditionError", path: "folder" });
  });
});
