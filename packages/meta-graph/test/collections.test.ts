import { readFileSync } from "node:fs";
import { Graph, Operation, Output, prependNameScope, stripNameScope, Variable } from "@tfsaver/graph";
import { CollectionDef, MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { SaverDef } from "@tfsaver/proto/saver";
import { describe, expect, it } from "vitest";
import { base64, fromBase64 } from "../../../fixtures/bytes.js";
import { jsonLines } from "../../../fixtures/json-lines.js";
import {
  AnyMessage,
  type CollectionMessages,
  collectionToDef,
  exportMetaGraph,
  importMetaGraph,
  registerCollectionMessages,
  strippedOpList,
} from "../src/index.js";

type Value = [kind: string, text: string];

/** One record of tensorflow-collections.py. Messages are in base64. */
interface Recorded {
  readonly key: string;
  readonly values: readonly Value[];
  /** `undefined` if TensorFlow leaves the collection out. */
  readonly def?: string;
  readonly imported?: readonly Value[];
}

const records = jsonLines<Recorded>(readFileSync(new URL("tensorflow-collections.jsonl", import.meta.url), "utf8"));

function model() {
  const graph = new Graph();
  const variables = [
    Variable.create(1, { graph, name: "v", collections: [], trainable: false }),
    Variable.create(1, { graph, name: "r", collections: [], trainable: false, useResource: true }),
  ];
  // Trainable like those of TensorFlow's model, but only in the given collections.
  const trainable = variables.map((variable) => Variable.fromProto(graph, { ...variable.toProto(), trainable: true }));
  graph.createOperation("NoOp", { name: "n" });
  return { graph, variables: new Map(trainable.map((variable) => [variable.name, variable])) };
}

const saverDef = (text: string) => SaverDef.create({ saveTensorName: text, restoreOpName: "r", version: 2 });

function makeValue({ graph, variables }: ReturnType<typeof model>, [kind, text]: Value): unknown {
  switch (kind) {
    case "text":
      return text;
    case "bytes":
      return fromBase64(text);
    case "int":
      return BigInt(text);
    case "float":
      return text === "inf" ? Number.POSITIVE_INFINITY : Number(text);
    case "bool":
      return text === "true";
    case "any": {
      const url = new TextEncoder().encode(`type.googleapis.com/${text}`);
      return new AnyMessage(Uint8Array.of(10, url.length, ...url, 18, 2, 1, 2));
    }
    case "operation":
      return graph.operation(text);
    case "tensor":
      return graph.output(text);
    case "variable":
      return variables.get(text);
    case "saver":
      return { asSaverDef: () => saverDef(text) };
    case "saveable":
      return { name: text };
    case "empty saver":
      return { asSaverDef: () => undefined };
    default:
      return null;
  }
}

function formOf(value: unknown): Value {
  if (value instanceof Uint8Array) return ["bytes", base64(value)];
  if (value instanceof AnyMessage) return ["any", base64(value.bytes)];
  if (value instanceof Variable) return ["variable", value.name];
  if (value instanceof Operation) return ["operation", value.name];
  if (value instanceof Output) return ["tensor", value.name];
  if (typeof value === "bigint" || typeof value === "number") return [typeof value, String(value)];
  return ["saver", (value as SaverDef).saveTensorName];
}

/** Converts Python's numbers to ours. */
function expectedForm([kind, text]: Value): Value {
  if (kind === "int") return ["bigint", text];
  return kind === "float"
    ? ["number", String(Number(text === "inf" ? "Infinity" : text.replace("-inf", "-Infinity")))]
    : [kind, text];
}

const titled = records.map(
  (record) => [`${record.key}: ${record.values.map((value) => value.join(" "))}`, record] as const,
);

describe("a collection", () => {
  it.each(titled)("%s is written as TensorFlow writes it", (_, { key, values, def }) => {
    const made = model();
    for (const value of values) made.graph.addToCollection(key, makeValue(made, value));
    const warnings: string[] = [];
    const { collectionDef } = exportMetaGraph({
      graph: made.graph,
      collectionList: [key],
      onWarning: (text) => warnings.push(text),
    });
    const ours = collectionDef.get(key);
    expect(ours && base64(CollectionDef.encode(ours))).toBe(def);
    // Only an empty collection is left out without a warning.
    expect(warnings).toHaveLength(def === undefined && values.length > 0 ? 1 : 0);
    if (warnings.length > 0) expect(warnings[0]).toMatch(`Issue encountered when serializing ${key}.`);
  });

  it.each(titled.filter(([, { def }]) => def !== undefined))("%s is read as TensorFlow reads it", (_, record) => {
    const { graph } = model();
    const metaGraph = MetaGraphDef.create();
    metaGraph.collectionDef.set(record.key, CollectionDef.decode(fromBase64(record.def as string)));
    const warnings: string[] = [];
    importMetaGraph(metaGraph, { graph, onWarning: (text) => warnings.push(text) });
    expect(graph.collection(record.key).map(formOf)).toEqual((record.imported as Value[]).map(expectedForm));
    const isOfNoKind = record.def === "";
    expect(warnings).toEqual(isOfNoKind ? [`Cannot identify data type for collection ${record.key}. Skipping.`] : []);
  });
});

describe("variables in several collections", () => {
  function exported(): MetaGraphDef {
    const graph = new Graph();
    const weights = Variable.create(1, { graph, name: "w" });
    graph.addToCollection("model_variables", weights);
    Variable.create(1, { graph, name: "step", trainable: false });
    return exportMetaGraph({ graph });
  }

  it("are the same object in each", () => {
    const { graph } = importMetaGraph(exported(), { graph: new Graph() });
    const [all, trainable, ofModel] = ["variables", "trainable_variables", "model_variables"].map((name) =>
      graph.collection(name),
    );
    expect(all).toHaveLength(2);
    expect(trainable?.[0]).toBe(all?.[0]);
    expect(ofModel?.[0]).toBe(all?.[0]);
  });

  // Recorded by importing such files with TensorFlow 2.21.
  it.each([
    ["0.12.1", true],
    ["1", true],
    ["1.8.0-rc1", true],
    ["1.9.0", false],
    ["1.10.0", false],
    ["2.0", false],
    ["", false],
  ])("are trainable by collection in files of %o, which don't say: %o", (tensorflowVersion, trainable) => {
    const metaGraph = exported();
    Object.assign(metaGraph.metaInfoDef as object, { tensorflowVersion });
    for (const { bytesList } of metaGraph.collectionDef.values()) {
      // The field `trainable`: number 7, a bool.
      if (bytesList)
        bytesList.value = bytesList.value.map((bytes) => (bytes.at(-2) === 56 ? bytes.slice(0, -2) : bytes));
    }
    const { graph } = importMetaGraph(metaGraph, { graph: new Graph() });
    const variables = graph.collection("variables") as Variable[];
    expect(variables.map((variable) => variable.trainable)).toEqual([trainable, false]);
  });
});

function caught(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describe("an invalid collection", () => {
  const importing = (key: string, def: CollectionDef) => () => {
    const metaGraph = MetaGraphDef.create();
    metaGraph.collectionDef.set(key, def);
    return importMetaGraph(metaGraph, { graph: model().graph });
  };

  it.each([
    ["an operation that is not there", "k", { nodeList: { value: ["nowhere"] } }, "NotFoundError"],
    ["a tensor that is not there", "k", { nodeList: { value: ["nowhere:0"] } }, "NotFoundError"],
    ["an output that is not there", "k", { nodeList: { value: ["n:0"] } }, "NotFoundError"],
    [
      "a variable that is not there",
      "variables",
      { bytesList: { value: [Uint8Array.of(10, 1, 120)] } },
      "NotFoundError",
    ],
    ["bytes that are no variable", "variables", { bytesList: { value: [Uint8Array.of(255, 255)] } }, "DataLossError"],
    ["bytes that are no saver", "savers", { bytesList: { value: [Uint8Array.of(255, 255)] } }, "DataLossError"],
  ])("with %s", (_, key, def, kind) => {
    expect(importing(key, def)).toThrow(expect.objectContaining({ kind }));
  });

  it.each([
    ["states", "batch/StateSaver/", { nodeList: { value: ["batch/StateSaver/"] } }],
    ["states", "", { nodeList: { value: [""] } }],
    ["variables", "x", { bytesList: { value: [Uint8Array.of(10, 1, 120)] } }],
  ])("of %s that names the missing operation '%s' says how to leave the collection out", (key, name, def) => {
    const error = caught(importing(key, def));
    expect(error).toMatchObject({ kind: "NotFoundError" });
    expect(error.message).toBe(
      `Collection '${key}' names '${name}', which is not in the graph. To leave the collection out, import with ` +
        `\`restoreCollectionsPredicate: (key) => key !== "${key}"\``,
    );
    const metaGraph = MetaGraphDef.create();
    metaGraph.collectionDef.set(key, def);
    const { graph } = model();
    importMetaGraph(metaGraph, { graph, restoreCollectionsPredicate: (name) => name !== key });
  });

  it("leaves out saveables that are no nodes, with a warning", () => {
    const metaGraph = MetaGraphDef.create();
    metaGraph.collectionDef.set("saveable_objects", { nodeList: { value: ["table", "n"] } });
    const { graph } = model();
    const warnings: string[] = [];
    importMetaGraph(metaGraph, { graph, onWarning: (text) => warnings.push(text) });
    expect(graph.collection("saveable_objects")).toEqual([graph.operation("n")]);
    expect(warnings).toEqual(["The saveable 'table' is skipped: the graph has no such operation"]);
  });

  it("keeps variables of old files, which only name them", () => {
    const { graph } = importing("local_variables", { nodeList: { value: ["v:0"] } })();
    expect(graph.collection("local_variables").map(formOf)).toEqual([["tensor", "v:0"]]);
  });
});

describe("messages of a collection of one's own", () => {
  class Range {
    constructor(
      readonly name: string,
      readonly low: number,
      readonly high: number,
    ) {}
  }
  const messages: CollectionMessages<Range> = {
    toBytes: ({ name, low, high }, exportScope) =>
      low > high ? undefined : new TextEncoder().encode([stripNameScope(name, exportScope), low, high].join()),
    fromBytes: (bytes, _graph, importScope) => {
      const [name = "", low, high] = new TextDecoder().decode(bytes).split(",");
      return new Range(prependNameScope(name, importScope), Number(low), Number(high));
    },
  };
  const registered = () => {
    const graph = new Graph();
    registerCollectionMessages(graph, "ranges", messages);
    return graph;
  };

  it("are written and read, with scopes", () => {
    const graph = registered();
    for (const range of [new Range("s/a", 1, 2), new Range("b", 3, 4), new Range("s/none", 1, 0)]) {
      graph.addToCollection("ranges", range);
    }
    const again = registered();
    importMetaGraph(exportMetaGraph({ graph }), { graph: again });
    expect(again.collection("ranges")).toEqual([new Range("s/a", 1, 2), new Range("b", 3, 4)]);
    const scoped = registered();
    const part = exportMetaGraph({ graph, exportScope: "s/" });
    importMetaGraph(part, { graph: scoped, importScope: "t" });
    expect(scoped.collection("ranges")).toEqual([new Range("t/a", 1, 2)]);
  });

  it("belong to one graph", () => {
    const graph = registered();
    graph.addToCollection("ranges", new Range("a", 1, 2));
    const other = new Graph();
    importMetaGraph(exportMetaGraph({ graph }), { graph: other });
    expect(other.collection("ranges")).toEqual([new TextEncoder().encode("a,1,2")]);
  });

  it.each(["ranges", "variables", "savers", "cond_context"])("can't be registered twice: %s", (key) => {
    const graph = registered();
    expect(() => registerCollectionMessages(graph, key, messages)).toThrow(
      expect.objectContaining({ kind: "ValueError" }),
    );
  });
});

it("one collection is converted alone", () => {
  const { graph, variables } = model();
  graph.addToCollection("variables", ...variables.values());
  graph.addToCollection("numbers", 1n, 2n);
  graph.addToCollection("nodes", graph.operation("n"));
  const metaGraph = exportMetaGraph({ graph });
  for (const key of graph.collectionKeys) {
    expect(collectionToDef(graph, key)).toEqual(metaGraph.collectionDef.get(key));
  }
  expect(collectionToDef(graph, "none")).toBeUndefined();
  expect(collectionToDef(graph, "numbers", { values: [1, 2] })?.floatList?.value).toEqual([1, 2]);
  const warnings: string[] = [];
  const onWarning = (text: string) => warnings.push(text);
  expect(collectionToDef(graph, "mixed", { values: [1, "a"], onWarning })).toBeUndefined();
  expect(warnings).toHaveLength(1);
});

it("the definitions of a graph's operations are listed alone", () => {
  const { graph } = model();
  expect(strippedOpList(graph.toGraphDef(), graph)).toEqual(exportMetaGraph({ graph }).metaInfoDef?.strippedOpList);
});
