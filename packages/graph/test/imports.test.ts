import { readFileSync } from "node:fs";
import { GraphDef } from "@tfsaver/proto/graph";
import { describe, expect, it } from "vitest";
import { Graph, importGraphDef } from "../src/index.js";

/** What tensorflow-imports.py has recorded. Messages are in base64. */
interface Recorded {
  readonly title: string;
  readonly before?: readonly string[];
  readonly device?: string;
  readonly scope?: string;
  readonly control?: readonly string[];
  readonly graph: string;
  readonly imported?: string;
  readonly error?: string;
}

const records = readFileSync(new URL("tensorflow-imports.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);

const decode = (base64: string) => GraphDef.decode(Buffer.from(base64, "base64"));

function graphBefore({ before = [] }: Recorded): Graph {
  const graph = new Graph();
  for (const name of before) graph.createOperation("NoOp", { name });
  return graph;
}

function importInto(graph: Graph, { device = "", scope = "", control = [], graph: message }: Recorded): void {
  graph.withDevice(device, () =>
    graph.withNameScope(scope, () =>
      graph.withControlDependencies(
        control.map((name) => graph.operation(name)),
        () => importGraphDef(graph, decode(message)),
      ),
    ),
  );
}

describe("a graph that is imported as TensorFlow imports it", () => {
  it.each(records.filter(({ imported }) => imported !== undefined))("$title", (record) => {
    const graph = graphBefore(record);
    importInto(graph, record);
    expect(graph.toGraphDef()).toEqual(decode(record.imported as string));
  });
});

describe("a graph that TensorFlow refuses", () => {
  it.each(records.filter(({ error }) => error !== undefined))("$title", (record) => {
    const graph = graphBefore(record);
    expect(() => importInto(graph, record)).toThrow(expect.objectContaining({ kind: record.error }));
    expect(graph.operations.map(({ name }) => name)).toEqual(record.before ?? []);
  });
});
