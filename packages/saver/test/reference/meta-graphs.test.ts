import { type DType, toTensor } from "@tfsaver/core";
import { attr, constant, Graph, GraphKeys, group, type Output, PartitionedVariable, Variable } from "@tfsaver/graph";
import { AnyMessage, readMetaGraph } from "@tfsaver/meta-graph";
import { OpDef, OpDef_ArgDef, OpDef_AttrDef } from "@tfsaver/proto/graph";
import { CondContextDef, MetaGraphDef, QueueRunnerDef, WhileContextDef } from "@tfsaver/proto/meta-graph";
import { exportMetaGraph, importMetaGraph, Saver } from "@tfsaver/saver";
import { MutableHashTable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, readFile, writeFileAtomically } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { fromBase64 } from "../../../../fixtures/bytes.js";
import { jsonLines } from "../../../../fixtures/json-lines.js";
import { errorOf, initializedSession, nestedValues, smallModel, valuesOf } from "../model.js";
import recorded from "./tensorflow-imports.jsonl?raw";

/** An operation of two inputs of one dtype. */
function binary(type: string, x: Output, y: Output, name?: string): Output {
  return x.graph.createOperation(type, { name, inputs: [x, y], attrs: { T: attr.type(x.dtype as DType) } })
    .outputs[0] as Output;
}

/** TensorFlow's definition of an operation whose attributes both have defaults. */
const COMPLEX = OpDef.create({
  name: "Complex",
  inputArg: ["real", "imag"].map((name) => OpDef_ArgDef.create({ name, typeAttr: "T" })),
  outputArg: [OpDef_ArgDef.create({ name: "out", typeAttr: "Tout" })],
  attr: [
    OpDef_AttrDef.create({ name: "T", type: "type", defaultValue: attr.type("float32") }),
    OpDef_AttrDef.create({ name: "Tout", type: "type", defaultValue: attr.type("complex64") }),
  ],
});

/** A graph with a collection of each kind, and a saver. */
function collectionsModel() {
  const graph = new Graph();
  const v = Variable.create(10, { graph, name: "v" });
  const r = Variable.create(20, { graph, name: "r", useResource: true, trainable: false });
  graph.addToCollection("integers", 3n, -(2n ** 62n));
  graph.addToCollection("floats", 3.5, 0.25);
  graph.addToCollection("texts", "hello", "größe");
  graph.addToCollection("nodes", v.op, v.snapshot, r);
  graph.addToCollection("local_variables", v);
  graph.addToCollection("model_variables", r);
  graph.addToCollection("anything", new AnyMessage(Uint8Array.of(10, 1, 120, 18, 1, 7)));
  graph.addToCollection("queue_runners", QueueRunnerDef.encode(QueueRunnerDef.create({ queueName: "q" })));
  graph.addToCollection("cond_context", CondContextDef.encode(CondContextDef.create({ contextName: "c" })));
  graph.addToCollection("while_context", WhileContextDef.encode(WhileContextDef.create({ contextName: "w" })));
  const saver = new Saver({ graph });
  graph.addToCollection(GraphKeys.SAVERS, saver);
  return { graph, saver };
}

describe("a meta graph", () => {
  it("has a collection of each kind, and is the same when it is imported and exported again", async () => {
    const storage = new MemoryStorage();
    const { graph, saver } = collectionsModel();
    const metaGraph = await saver.exportMetaGraph();
    const kinds = [...metaGraph.collectionDef].map(([key, def]) => [key, Object.keys(def)[0]]).sort();
    expect(kinds).toEqual([
      ["anything", "anyList"],
      ["cond_context", "bytesList"],
      ["floats", "floatList"],
      ["integers", "int64List"],
      ["local_variables", "bytesList"],
      ["model_variables", "bytesList"],
      ["nodes", "nodeList"],
      ["queue_runners", "bytesList"],
      ["savers", "bytesList"],
      ["texts", "bytesList"],
      ["trainable_variables", "bytesList"],
      ["variables", "bytesList"],
      ["while_context", "bytesList"],
    ]);
    expect(metaGraph.metaInfoDef?.tensorflowVersion).toMatch(/^\d+\.\d+\.\d+$/);
    expect(metaGraph.metaInfoDef?.tensorflowGitVersion).not.toBe("");

    const again = (await importMetaGraph(metaGraph, { graph: new Graph(), storage })) as Saver;
    expect(MetaGraphDef.encode(await again.exportMetaGraph())).toEqual(MetaGraphDef.encode(metaGraph));
    expect(graph.collectionKeys.length).toBe(kinds.length);
  });

  it("omits collections whose key is not text or whose values are mixed", async () => {
    const { graph, warnings, saver } = await smallModel();
    graph.addToCollection(7 as never, "value");
    graph.addToCollection("mixed", "text", 3n);
    const { collectionDef } = await saver.exportMetaGraph();
    expect([...collectionDef.keys()].sort()).toEqual(["trainable_variables", "variables"]);
    expect(warnings).toEqual([expect.stringMatching(/^Issue encountered when serializing mixed\./)]);
    // The rest can be read.
    expect(MetaGraphDef.decode(MetaGraphDef.encode(await saver.exportMetaGraph())).collectionDef.size).toBe(2);
  });

  it("contains several savers, each of which restores its own variables", async () => {
    const storage = new MemoryStorage();
    const graph = new Graph();
    const variables = [10, 20].map((value, i) => Variable.create(value, { graph, name: `v${i}` }));
    const savers = variables.map((variable, i) => new Saver({ graph, storage, varList: { [`v${i}`]: variable } }));
    graph.addToCollection(GraphKeys.SAVERS, ...savers);
    const session = await initializedSession(graph, storage);
    for (const [i, saver] of savers.entries()) await saver.save(session, `saver${i}`, { writeMetaGraph: false });
    const metaGraph = await exportMetaGraph({ graph, filename: "savers.meta", storage });
    expect(metaGraph.saverDef).toBeUndefined();
    expect(metaGraph.collectionDef.get("savers")?.bytesList?.value).toHaveLength(2);

    for (const mine of [0, 1]) {
      const copy = new Graph();
      await importMetaGraph("savers.meta", { graph: copy, storage });
      const imported = copy.collection(GraphKeys.SAVERS) as Saver[];
      expect(imported.every((saver) => saver instanceof Saver)).toBe(true);
      const other = new LocalSession(copy, { storage });
      await imported[mine]?.restore(other, `saver${mine}`);
      expect(nestedValues(await other.run(`v${mine}:0`))).toBe([10, 20][mine]);
      expect(await errorOf(() => other.run(`v${1 - mine}:0`))).toMatchObject({ kind: "FailedPreconditionError" });
    }
  });

  it("can be left with one of its savers", async () => {
    const graph = new Graph();
    const variables = [10, 20].map((value, i) => Variable.create(value, { graph, name: `v${i}` }));
    group(
      variables.map(({ initializer }) => initializer),
      { graph, name: "init" },
    );
    const savers = variables.map((variable) => new Saver({ graph, varList: [variable] }));
    graph.addToCollection(GraphKeys.SAVERS, ...savers);
    const numbers = async (clearExtraneousSavers: boolean) => {
      const { graphDef, collectionDef } = await (savers[0] as Saver).exportMetaGraph({ clearExtraneousSavers });
      return [graphDef?.node.length, collectionDef.get("savers")?.bytesList?.value.length];
    };
    // The behaviour page, 6.8.
    expect(await numbers(false)).toEqual([33, 2]);
    expect(await numbers(true)).toEqual([21, 1]);
  });

  it("is read as bytes and as text, and nothing else is", async () => {
    const { saver, storage } = await smallModel();
    const asText = (path: string) =>
      readFile(storage, path).then((bytes) => new TextDecoder("utf-8").decode(bytes).startsWith("meta_info_def {\n"));
    await saver.exportMetaGraph({ filename: "binary.meta" });
    await saver.exportMetaGraph({ filename: "text.meta", asText: true });
    expect([await asText("binary.meta"), await asText("text.meta")]).toEqual([false, true]);
    const imported = await Promise.all(
      ["binary.meta", "text.meta"].map(async (path) => {
        const graph = new Graph();
        await importMetaGraph(path, { graph, storage });
        return MetaGraphDef.encode(await exportMetaGraph({ graph }));
      }),
    );
    expect(imported[0]).toEqual(imported[1]);

    await writeFileAtomically(storage, "neither.meta", new TextEncoder().encode("meta_info_def { rest of a file"));
    const failure = (path: string) => errorOf(() => importMetaGraph(path, { graph: new Graph(), storage }));
    expect((await failure("neither.meta")).message).toContain("Cannot parse file neither.meta");
    expect((await failure("missing.meta")).message).toContain("does not exist");
  });

  it("keeps the slice of each part of a partitioned variable", async () => {
    const graph = new Graph();
    PartitionedVariable.create([[1], [2], [3]], { graph, name: "p", partitions: 2 });
    const copy = new Graph();
    await importMetaGraph(await new Saver({ graph }).exportMetaGraph(), { graph: copy });
    const slices = (of: Graph) => (of.collection("variables") as Variable[]).map(({ saveSliceInfo }) => saveSliceInfo);
    expect(slices(copy)).toEqual(slices(graph));
    expect(slices(copy)[1]).toMatchObject({ fullName: "p", fullShape: [3, 1], varOffset: [2, 0], varShape: [1, 1] });
  });

  it("is imported, extended, exported and imported again, and still runs", async () => {
    const storage = new MemoryStorage();
    const { saver, session } = await smallModel({ storage });
    await saver.save(session, "model");
    const graph = new Graph();
    const imported = (await importMetaGraph("model.meta", { graph, storage })) as Saver;
    graph.createOperation("AssignAdd", {
      name: "train_op",
      inputs: [graph.output("a:0"), constant([10, 10], { graph })],
      attrs: { T: attr.type("float32") },
    });
    graph.addToCollection("train_op", graph.operation("train_op"));
    const extended = new LocalSession(graph, { storage });
    await imported.restore(extended, "model");
    await extended.run("train_op");
    await imported.save(extended, "extended");

    const again = new Graph();
    const last = (await importMetaGraph("extended.meta", { graph: again, storage })) as Saver;
    const running = new LocalSession(again, { storage });
    await last.restore(running, "extended");
    await running.run((again.collection("train_op") as [ReturnType<Graph["operation"]>])[0]);
    expect(nestedValues(await running.run("a:0"))).toEqual([21, 22]);
  });

  it("names the tables of its graph, which the saver that comes with it restores", async () => {
    const storage = new MemoryStorage();
    const graph = new Graph();
    const options = { keyDtype: "string", valueDtype: "float32", defaultValue: -1 } as const;
    const table = MutableHashTable.create({ ...options, graph, name: "words" });
    Variable.create(5, { graph, name: "v" });
    const session = await initializedSession(graph, storage);
    await session.run(table.insert(["a"], [1]));
    await new Saver({ graph, storage }).save(session, "model");
    const { collectionDef } = await readMetaGraph("model.meta", { storage });
    // As TensorFlow writes it.
    expect(collectionDef.get(GraphKeys.SAVEABLE_OBJECTS)).toEqual({ nodeList: { value: ["words"] } });

    const copy = new Graph();
    const saver = (await importMetaGraph("model.meta", { graph: copy, storage })) as Saver;
    const other = new LocalSession(copy, { storage });
    await saver.restore(other, "model");
    const exported = copy.operation("words_lookup_table_export_values/LookupTableExportV2").outputs;
    expect((await other.run(exported)).map(nestedValues)).toEqual([["a"], [1]]);
    expect(await saver.restore(other, "model", { match: "intersect" })).toMatchObject({
      restored: ["v", "words-keys", "words-values"],
      unused: [],
    });
  });

  it("lists the operations that it is made of, without their documentation", async () => {
    const graph = new Graph();
    const v0 = Variable.create(0, { graph, name: "v0" });
    const sum = binary("AddV2", v0.snapshot, constant(1, { graph }));
    const changed = binary("Sub", sum, constant(2, { graph }));
    graph.createOperation("Assign", { inputs: [v0.handle, changed], attrs: { T: attr.type("float32") } });
    const { metaInfoDef } = await new Saver({ graph }).exportMetaGraph();
    const ops = metaInfoDef?.strippedOpList?.op ?? [];
    expect(ops.map(({ name }) => name)).toEqual([
      "AddV2",
      "Assign",
      "Const",
      "Identity",
      "NoOp",
      "PlaceholderWithDefault",
      "RestoreV2",
      "SaveV2",
      "Sub",
      "VariableV2",
    ]);
    expect(ops.map(({ summary, description }) => summary + description).join("")).toBe("");
  });

  it.each([true, false])("has attributes that hold their default, unless it is told not to (%s)", async (strip) => {
    const { graph, saver, session, storage, a } = await smallModel();
    graph.addOpDefs([COMPLEX]);
    const attrs = { T: attr.type("float32"), Tout: attr.type("complex64") };
    const complex = graph.createOperation("Complex", { name: "complex", inputs: [a.snapshot, a.snapshot], attrs });
    expect([...complex.toNodeDef().attr.keys()]).toEqual(expect.arrayContaining(["T", "Tout"]));
    await saver.save(session, "model", { stripDefaultAttrs: strip });
    const { graphDef, metaInfoDef } = await readMetaGraph("model.meta", { storage });
    const found = graphDef?.node.find(({ name }) => name === "complex")?.attr;
    expect([found?.has("T"), found?.has("Tout")]).toEqual([!strip, !strip]);
    expect(metaInfoDef?.strippedDefaultAttrs).toBe(strip);
  });
});

describe("devices", () => {
  const placed = () => {
    const graph = new Graph();
    graph.withDevice("/job:ps/replica:0/task:0/device:GPU:0", () => Variable.create([1], { graph, name: "v" }));
    return { graph, saver: new Saver({ graph }) };
  };
  const devicesOf = (metaGraph: MetaGraphDef) => new Set(metaGraph.graphDef?.node.map(({ device }) => device));

  it("are cleared when a graph is exported, and stay in the graph", async () => {
    const { graph, saver } = placed();
    expect(devicesOf(await saver.exportMetaGraph()).size).toBe(3);
    expect(devicesOf(await saver.exportMetaGraph({ clearDevices: true }))).toEqual(new Set([""]));
    expect(graph.operation("v").device).toBe("/job:ps/replica:0/task:0/device:GPU:0");
  });

  it("are cleared when a graph is imported", async () => {
    const metaGraph = await placed().saver.exportMetaGraph();
    const graph = new Graph();
    await importMetaGraph(metaGraph, { graph, clearDevices: true });
    expect(new Set(graph.operations.map(({ device }) => device))).toEqual(new Set([""]));
  });
});

it("a resource variable with a caching device, from TensorFlow, is saved by its own value and restored", async () => {
  const { meta_graph } = jsonLines(recorded).at(-1) as { meta_graph: string };
  const metaGraph = MetaGraphDef.decode(fromBase64(meta_graph));
  const storage = new MemoryStorage();
  const graph = new Graph();
  const theirs = (await importMetaGraph(metaGraph, { graph, storage })) as Saver;
  const [v] = graph.collection("variables") as [Variable];
  expect(v.snapshot.device).toBe("/job:worker");
  const session = await initializedSession(graph, storage);
  await theirs.save(session, "theirs");

  const ours = new Saver({ graph, storage, name: "ours" });
  // As in TensorFlow's own saver.
  expect(graph.operation("ours/SaveV2").inputs.at(-1)?.name).toBe("v/Read/ReadVariableOp:0");
  await v.load(toTensor([8, 9]), session);
  await ours.save(session, "ours");
  for (const [path, values] of [
    ["theirs", [1, 2]],
    ["ours", [8, 9]],
  ] as const) {
    const other = new LocalSession(graph, { storage });
    await ours.restore(other, path);
    expect(await valuesOf(other, [v])).toEqual([values]);
  }
});
