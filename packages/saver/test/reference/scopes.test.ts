import { attr, Graph, GraphKeys, type Output, placeholder, Variable, withDefaultGraph } from "@tfsaver/graph";
import {
  copyScopedMetaGraph,
  exportScopedMetaGraph,
  importMetaGraph as importNodes,
  readMetaGraph,
  writeMetaGraph,
} from "@tfsaver/meta-graph";
import type { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import { exportMetaGraph, importMetaGraph, Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { jsonLines } from "../../../../fixtures/json-lines.js";
import { initializedSession, nestedValues, smallModel, valuesOf } from "../model.js";
import recorded from "./tensorflow-imports.jsonl?raw";

const onWarning = () => {};

describe("a graph that is imported into a name scope", () => {
  const path = "model";

  async function saved() {
    const storage = new MemoryStorage();
    const { saver, session } = await smallModel({ storage });
    await saver.save(session, path);
    return storage;
  }

  async function expectRestored(graph: Graph, saver: Saver | undefined, storage: MemoryStorage, scope: string) {
    expect(graph.size).toBeGreaterThan(10);
    for (const { name } of graph.operations) expect(name).toMatch(new RegExp(`^${scope}/`));
    expect(saver?.asSaverDef()).toMatchObject({
      filenameTensorName: `${scope}/save/Const:0`,
      restoreOpName: `${scope}/save/restore_all`,
    });
    const session = new LocalSession(graph, { storage });
    await saver?.restore(session, path);
    expect((await session.run([`${scope}/a:0`, `${scope}/b:0`])).map((value) => value && nestedValues(value))).toEqual([
      [1, 2],
      3,
    ]);
  }

  it("has that scope in all names, but for those in the checkpoint, which it restores", async () => {
    const storage = await saved();
    const graph = new Graph();
    const saver = await importMetaGraph("model.meta", { graph, storage, importScope: "new_model" });
    await expectRestored(graph, saver, storage, "new_model");
  });

  it.each(["a file", "a message"])(
    "may have graph and scope from around the call, be it imported from %s",
    async (from) => {
      const storage = await saved();
      const source = from === "a file" ? "model.meta" : await readMetaGraph("model.meta", { storage });
      const graph = new Graph();
      const saver = await withDefaultGraph(graph, () =>
        graph.withNameScope("outer", () => importMetaGraph(source, { storage })),
      );
      await expectRestored(graph, saver, storage, "outer");
    },
  );
});

interface RecordedImport {
  readonly import_scope?: string;
  readonly around?: string;
  readonly variable?: string;
  /** The scope that the variable is made in. */
  readonly scoped?: string;
  readonly constant: string;
  readonly saver: string | null;
}

const imports = jsonLines<RecordedImport>(recorded)
  .slice(0, -1)
  .map((record) => ({ ...record, title: titleOf(record) }));

function titleOf({ import_scope, around, scoped, variable }: RecordedImport): string {
  const joined = (...names: readonly (string | undefined)[]) => names.filter((name) => name !== undefined).join("/");
  return `in '${joined(around, import_scope)}', beside '${joined(scoped, variable)}'`;
}

describe("a graph without saver and variables gets a saver where TensorFlow makes one", () => {
  it.each(imports)(
    "$title",
    async ({ import_scope: importScope, around, variable, scoped, constant, saver: wanted }) => {
      const source = new Graph();
      placeholder("float32", { graph: source, name: "c" });
      const metaGraph = await exportMetaGraph({ graph: source });
      const graph = new Graph();
      const within = <T>(scope: string | undefined, run: () => T) =>
        scope === undefined ? run() : graph.withNameScope(scope, run);
      if (variable !== undefined) within(scoped, () => Variable.create(1, { graph, name: variable }));
      const saver = await within(around, () => importMetaGraph(metaGraph, { graph, importScope, onWarning }));
      expect(graph.findOperation(constant)?.type).toBe("Placeholder");
      expect(saver?.asSaverDef()?.saveTensorName ?? null).toBe(wanted);
    },
  );
});

/** A layer of a network, its variables first. */
function layer(graph: Graph, name: string, input: Output, start: number): Output {
  const T = attr.type("float32");
  const make = (type: string, inputs: readonly Output[]) =>
    graph.createOperation(type, { inputs, attrs: { T } }).outputs[0] as Output;
  return graph.withNameScope(name, () => {
    const weights = Variable.create([[start], [start + 1]], { graph, name: "weights" });
    const biases = Variable.create([start + 2], { graph, name: "biases" });
    return make("Neg", [make("AddV2", [make("Mul", [input, weights.snapshot]), biases.snapshot])]);
  });
}

/** Two layers on images. */
function network() {
  const graph = new Graph();
  const images = placeholder("float32", { graph, name: "images", shape: [2, 2] });
  layer(graph, "hidden2", layer(graph, "hidden1", images, 1), 11);
  return graph;
}

const HIDDEN1 = { "weights:0": [[1], [2]], "biases:0": [3] };

/** Imports the first layer with another input. */
function importLayer(metaGraph: MetaGraphDef, graph: Graph, importScope?: string) {
  const given = placeholder("float32", { graph, name: "given", shape: [2, 2] });
  return importNodes(metaGraph, { graph, importScope, inputMap: { $unbound_inputs_images: given } }).variables;
}

async function valuesByKey(session: LocalSession, variables: ReadonlyMap<string, Variable>) {
  const values = await valuesOf(session, [...variables.values()]);
  return Object.fromEntries([...variables.keys()].map((key, i) => [key, values[i]]));
}

describe("one scope of a graph", () => {
  it("is exported as text, and its variables are saved and restored without the scope in their names", async () => {
    const storage = new MemoryStorage();
    const graph = network();
    const { metaGraph, variables } = exportScopedMetaGraph({ graph, exportScope: "hidden1" });
    expect([...variables.keys()].sort()).toEqual(["biases:0", "weights:0"]);
    expect([...variables.values()].map(({ name }) => name).sort()).toEqual(["hidden1/biases:0", "hidden1/weights:0"]);
    await writeMetaGraph("hidden1.pbtxt", metaGraph, { storage, asText: true });
    const session = await initializedSession(graph, storage);
    await new Saver({ graph, storage, varList: variables }).save(session, "hidden1", { writeState: false });

    for (const scope of [undefined, "new_hidden1"]) {
      const copy = new Graph();
      const imported = importLayer(await readMetaGraph("hidden1.pbtxt", { storage }), copy, scope);
      expect([...imported.keys()].sort()).toEqual(["biases:0", "weights:0"]);
      const other = new LocalSession(copy, { storage });
      await new Saver({ graph: copy, storage, varList: imported }).restore(other, "hidden1");
      expect(await valuesByKey(other, imported)).toEqual(HIDDEN1);
    }
  });

  it("is copied within a graph and to another, and its checkpoint fits the copies", async () => {
    const storage = new MemoryStorage();
    const graph = new Graph();
    const scoped = graph.withNameScope("hidden1", () => Variable.create([1, 2], { graph, name: "weights" }));
    const session = await initializedSession(graph, storage);
    await new Saver({ graph, storage, varList: { "weights:0": scoped } }).save(session, "hidden1");
    for (const toGraph of [graph, new Graph()]) {
      const variables = copyScopedMetaGraph({ fromScope: "hidden1", toScope: "hidden2", fromGraph: graph, toGraph });
      expect([...variables].map(([key, { name }]) => [key, name])).toEqual([["weights:0", "hidden2/weights:0"]]);
      const other = new LocalSession(toGraph, { storage });
      await new Saver({ graph: toGraph, storage, varList: variables }).restore(other, "hidden1");
      expect(await valuesByKey(other, variables)).toEqual({ "weights:0": [1, 2] });
    }
    expect(() =>
      copyScopedMetaGraph({ fromScope: "hidden1", toScope: "hidden1", fromGraph: graph, toGraph: graph }),
    ).toThrow(/need to be different/);
  });

  it("is exported from nodes that are given, with the variables of the graph", async () => {
    const storage = new MemoryStorage();
    const graph = network();
    const { metaGraph, variables } = exportScopedMetaGraph({
      graph,
      graphDef: graph.toGraphDef(),
      exportScope: "hidden1",
    });
    const session = await initializedSession(graph, storage);
    await new Saver({ graph, storage, varList: variables }).save(session, "hidden1");
    expect(metaGraph.graphDef?.node.some(({ attr }) => attr.has("_output_shapes"))).toBe(false);

    const copy = new Graph();
    const imported = importLayer(metaGraph, copy, "new_hidden1");
    const other = new LocalSession(copy, { storage });
    await new Saver({ graph: copy, storage, varList: imported }).restore(other, "hidden1");
    expect(await valuesByKey(other, imported)).toEqual(HIDDEN1);
  });

  it("takes its savers with it, under their names without the scope", async () => {
    const storage = new MemoryStorage();
    const graph = new Graph();
    const savers = ["hidden1", "hidden2"].map((scope, i) => {
      const variable = graph.withNameScope(scope, () => Variable.create([i + 1], { graph, name: "weights" }));
      return new Saver({ graph, storage, varList: [variable], name: `${scope}/` });
    });
    graph.addToCollection(GraphKeys.SAVERS, ...savers);
    const session = await initializedSession(graph, storage);
    await savers[1]?.save(session, "hidden2");

    const { metaGraph } = exportScopedMetaGraph({ graph, exportScope: "hidden2" });
    const alone = new Graph();
    importNodes(metaGraph, { graph: alone });
    const defs = alone.collection(GraphKeys.SAVERS) as SaverDef[];
    expect(defs.map(({ restoreOpName, filenameTensorName }) => [restoreOpName, filenameTensorName])).toEqual([
      ["restore_all", "Const:0"],
    ]);

    const copy = new Graph();
    await importMetaGraph(metaGraph, { graph: copy, storage, importScope: "new_hidden2" });
    const [saver, ...others] = copy.collection(GraphKeys.SAVERS) as Saver[];
    expect(others).toEqual([]);
    expect(saver?.asSaverDef()?.restoreOpName).toBe("new_hidden2/restore_all");
    const other = new LocalSession(copy, { storage });
    await saver?.restore(other, "hidden2");
    expect(nestedValues(await other.run("new_hidden2/weights:0"))).toEqual([2]);
  });
});
