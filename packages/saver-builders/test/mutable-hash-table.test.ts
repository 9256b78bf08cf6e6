import { readFileSync } from "node:fs";
import type { DType } from "@tfsaver/core";
import { constant, Graph, GraphKeys } from "@tfsaver/graph";
import { GraphDef } from "@tfsaver/proto/graph";
import { describe, expect, it } from "vitest";
import { jsonLines } from "../../../fixtures/json-lines.js";
import { BulkSaverBuilder, MutableHashTable, SaveableObject, saveablesOf, type VarList } from "../src/index.js";

type TableRecord = [
  name: string,
  keyDtype: DType,
  valueDtype: DType,
  defaultValue: string | number,
  device: string,
  scope: string,
  checkpoint: boolean,
];

/** One record of tensorflow-tables.py. */
interface Recorded {
  readonly title: string;
  readonly tables: readonly TableRecord[];
  readonly savers: readonly ("collection" | "list" | string[])[];
  readonly graph: string;
}

const records = jsonLines<Recorded>(readFileSync(new URL("tensorflow-tables.jsonl", import.meta.url), "utf8"));

function make(graph: Graph, [name, keyDtype, valueDtype, defaultValue, device, scope, checkpoint]: TableRecord) {
  const create = () => MutableHashTable.create({ graph, name, keyDtype, valueDtype, defaultValue, checkpoint });
  return graph.withDevice(device, () => (scope === "" ? create() : graph.withNameScope(scope, create)));
}

function use(table: MutableHashTable, [, keyDtype, , value]: TableRecord): void {
  const { graph } = table;
  const key = keyDtype === "string" ? "k" : 7;
  graph.withDevice("/cpu:0", () => {
    table.insert([key], [value] as string[] | number[]);
    table.lookup([[key], [key]] as string[][] | number[][]);
    table.lookup(constant(key, { graph, dtype: keyDtype, name: "key" }));
    table.size();
    table.export();
  });
}

describe("the graph that TensorFlow makes of", () => {
  it.each(records)("$title", ({ tables, savers, graph: expected }) => {
    const graph = new Graph();
    const made = tables.map((table) => make(graph, table));
    for (const [i, table] of made.entries()) use(table, tables[i] as TableRecord);
    for (const saver of savers) {
      const varList: VarList =
        typeof saver !== "string"
          ? Object.fromEntries(saver.map((name, i) => [name, made[i] as MutableHashTable]))
          : saver === "list"
            ? made
            : (graph.collection(GraphKeys.SAVEABLE_OBJECTS) as SaveableObject[]);
      new BulkSaverBuilder().build(varList, { graph });
    }
    const bytes = GraphDef.encode({ ...graph.toGraphDef(true), versions: undefined });
    expect(GraphDef.decode(bytes)).toEqual(GraphDef.decode(Buffer.from(expected, "base64")));
    expect(Buffer.from(bytes).toString("base64")).toBe(expected);
  });
});

describe("a mutable hash table", () => {
  const options = { keyDtype: "string", valueDtype: "int64", defaultValue: -1 } as const;

  it("is saved as keys and values, under the given name", () => {
    const graph = new Graph();
    const table = graph.withNameScope("outer", () => MutableHashTable.create({ ...options, graph, name: "tab" }));
    const [saveable] = graph.collection(GraphKeys.SAVEABLE_OBJECTS) as [SaveableObject];
    const specs = (varList: VarList) => saveablesOf(varList).flatMap(({ specs }) => specs.map(({ name }) => name));
    expect(saveable).toBeInstanceOf(SaveableObject);
    expect(specs([saveable])).toEqual(["tab-keys", "tab-values"]);
    expect(specs({ words: table })).toEqual(["words-keys", "words-values"]);
    expect(specs([table])).toEqual(["-keys", "-values"]);
    expect(table.name).toBe("tab");
    expect(() => saveablesOf({ a: table, b: saveable })).toThrow(
      /^The same saveable will be restored with two names: /,
    );
  });

  it("refuses a default value of another dtype", () => {
    const graph = new Graph();
    expect(() => MutableHashTable.create({ ...options, graph, defaultValue: "x" })).toThrow(
      expect.objectContaining({ kind: "InvalidArgumentError" }),
    );
    expect(() => MutableHashTable.create({ ...options, graph, defaultValue: [1, 2] })).toThrow(
      expect.objectContaining({ kind: "InvalidArgumentError" }),
    );
  });
});
