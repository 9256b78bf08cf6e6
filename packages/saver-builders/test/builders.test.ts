import { readFileSync } from "node:fs";
import { type DType, toTensor } from "@tfsaver/core";
import { attr, constant, Graph, type Output, placeholderWithDefault, Variable } from "@tfsaver/graph";
import { GraphDef } from "@tfsaver/proto/graph";
import { SaverDef } from "@tfsaver/proto/saver";
import { describe, expect, it } from "vitest";
import { jsonLines } from "../../../fixtures/json-lines.js";
import { BaseSaverBuilder, BulkSaverBuilder, type VarList } from "../src/index.js";

interface Options {
  readonly names?: Readonly<Record<string, number>>;
  readonly list?: readonly number[];
  readonly base?: boolean;
  readonly reshape?: boolean;
  readonly max_to_keep?: number | null;
  readonly hours?: number | null;
  readonly name?: string;
  readonly restore_sequentially?: boolean;
  readonly filename?: string;
  readonly scope?: string;
  readonly device?: string;
  readonly control?: readonly string[];
}

type VariableRecord = [name: string, isResource: boolean, dtype: DType, shape: number[] | null, device: string];

/** One record of tensorflow-savers.py. Messages are in base64. */
interface Recorded {
  readonly title: string;
  readonly variables: readonly VariableRecord[];
  readonly savers: readonly Options[];
  readonly graph: string;
  readonly saverDefs: readonly string[];
}

const records = jsonLines<Recorded>(readFileSync(new URL("tensorflow-savers.jsonl", import.meta.url), "utf8"));

function make(graph: Graph, [name, useResource, dtype, shape, device]: VariableRecord): Variable {
  const count = (shape ?? []).reduce((product, size) => product * size, 1);
  const zeros = toTensor(new Array(count).fill(0), dtype, shape ?? []);
  const value = constant(zeros, { graph, name: `${name}_value` });
  return graph.withDevice(device, () => {
    if (shape !== null) return Variable.create(value, { name, useResource });
    const unknown = placeholderWithDefault(value, undefined, { name: `${name}_unknown` });
    return Variable.create(unknown, { name, useResource, validateShape: false });
  });
}

function chosen(variables: readonly Variable[], { names, list }: Options): VarList {
  const pick = (i: number) => variables[i] as Variable;
  if (names !== undefined) return Object.fromEntries(Object.entries(names).map(([name, i]) => [name, pick(i)]));
  return list?.map(pick) ?? variables;
}

function build(graph: Graph, variables: readonly Variable[], options: Options): SaverDef {
  const { scope, device = "", control = [] } = options;
  const builder = options.base ? new BaseSaverBuilder() : new BulkSaverBuilder();
  const inside = () =>
    builder.build(chosen(variables, options), {
      graph,
      reshape: options.reshape,
      maxToKeep: options.max_to_keep,
      keepCheckpointEveryNHours: options.hours,
      name: options.name,
      restoreSequentially: options.restore_sequentially,
      filename: options.filename,
    });
  const before = control.map((name) => graph.operation(name));
  return graph.withDevice(device, () => {
    const dependent = () => graph.withControlDependencies(before, inside);
    return scope === undefined ? dependent() : graph.withNameScope(scope, dependent);
  });
}

describe("the graph that TensorFlow's builders make", () => {
  it.each(records)("$title", ({ variables, savers, graph: expected, saverDefs }) => {
    const graph = new Graph();
    const made = variables.map((variable) => make(graph, variable));
    const defs = savers.map((options) => build(graph, made, options));
    expect(defs).toEqual(saverDefs.map((def) => SaverDef.decode(Buffer.from(def, "base64"))));
    const bytes = GraphDef.encode({ ...graph.toGraphDef(true), versions: undefined });
    expect(GraphDef.decode(bytes)).toEqual(GraphDef.decode(Buffer.from(expected, "base64")));
    expect(Buffer.from(bytes).toString("base64")).toBe(expected);
  });
});

it("a resource variable is restored on the device of the read that is saved", () => {
  // As TensorFlow 2.21 places these operations.
  const graph = new Graph();
  const v = graph.withDevice("/cpu:0", () => Variable.create([1, 2], { graph, name: "v", useResource: true }));
  const attrs = { dtype: attr.type("float32") };
  const read = graph.withDevice("/gpu:1", () =>
    graph.createOperation("ReadVariableOp", { name: "read", inputs: [v.handle], attrs }),
  );
  new BulkSaverBuilder().build({ v: read.outputs[0] as Output }, { graph });
  const deviceOf = (name: string) => graph.operation(name).device;
  expect(["save/Identity", "save/AssignVariableOp"].map(deviceOf)).toEqual(["/device:GPU:1", "/device:GPU:1"]);
  expect(deviceOf("save/RestoreV2")).toBe("/device:CPU:0");
});
