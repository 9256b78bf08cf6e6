import { readFileSync } from "node:fs";
import { GraphDef } from "@tfsaver/proto/graph";
import { describe, expect, it } from "vitest";
import { jsonLines } from "../../../../fixtures/json-lines.js";
import { Graph, importGraphDef, type Output, placeholder } from "../../src/index.js";

/** One record of tensorflow-imports.py. Messages are in base64. */
interface Recorded {
  readonly title: string;
  readonly before?: readonly string[];
  readonly device?: string;
  readonly scope?: string;
  readonly control?: readonly string[];
  readonly name?: string;
  readonly input_map?: Readonly<Record<string, "v" | "i">>;
  readonly graph: string;
  readonly imported?: string;
  readonly error?: string;
}

const records = jsonLines<Recorded>(readFileSync(new URL("tensorflow-imports.jsonl", import.meta.url), "utf8"));

const decode = (base64: string) => GraphDef.decode(Buffer.from(base64, "base64"));

function graphBefore({ before = [] }: Recorded): Graph {
  const graph = new Graph();
  for (const name of before) graph.createOperation("NoOp", { name });
  return graph;
}

/** Adds a placeholder for each mapped input. */
function inputs(graph: Graph, map: Readonly<Record<string, "v" | "i">>): Record<string, Output> {
  const made = {
    v: placeholder("float32", { graph, name: "v", shape: [] }),
    i: placeholder("int32", { graph, name: "i", shape: [] }),
  };
  return Object.fromEntries(Object.entries(map).map(([input, source]) => [input, made[source]]));
}

function importInto(graph: Graph, record: Recorded, message: GraphDef, consume?: boolean): void {
  const { device = "", scope = "", control = [], name, input_map } = record;
  graph.withDevice(device, () =>
    graph.withNameScope(scope, () =>
      graph.withControlDependencies(
        control.map((name) => graph.operation(name)),
        () => importGraphDef(graph, message, { name, inputMap: input_map && inputs(graph, input_map), consume }),
      ),
    ),
  );
}

describe("a graph that is imported as TensorFlow imports it", () => {
  it.each(records.filter(({ imported }) => imported !== undefined))("$title", (record) => {
    const graph = graphBefore(record);
    const message = decode(record.graph);
    importInto(graph, record, message);
    expect(graph.toGraphDef()).toEqual(decode(record.imported as string));
    expect(message).toEqual(decode(record.graph));
    const another = graphBefore(record);
    importInto(another, record, message, true);
    expect(another.toGraphDef()).toEqual(decode(record.imported as string));
  });
});

describe("a graph that TensorFlow refuses", () => {
  it.each(records.filter(({ error }) => error !== undefined))("$title", (record) => {
    const graph = graphBefore(record);
    expect(() => importInto(graph, record, decode(record.graph))).toThrow(
      expect.objectContaining({ kind: record.error }),
    );
    expect(graph.operations.map(({ name }) => name)).toEqual([
      ...(record.before ?? []),
      ...(record.input_map ? ["v", "i"] : []),
    ]);
  });
});
