import { type DType, type TensorLike, toTensor } from "@tfsaver/core";
import { constant, Graph, PartitionedVariable, Variable } from "@tfsaver/graph";
import { MutableHashTable, type Saveable, type Trackable } from "@tfsaver/saver-builders";
import { afterAll, beforeAll, it } from "vitest";
import { Oracle } from "./oracle.js";
import { expectSame, makeSaver, type SaverConfig, type WithSavers } from "./parity.js";

/** A saveable of `build_model` in tools/oracle/serve.py. */
type Item = { readonly device?: string; readonly collection?: string } & (
  | {
      readonly name: string;
      readonly dtype: DType;
      readonly value: number[] | number[][];
      readonly resource: boolean;
      readonly parts?: number;
      readonly axis?: number;
    }
  | {
      readonly table: string;
      readonly key_dtype: DType;
      readonly value_dtype: DType;
      readonly default: number | string;
    }
  /** An object that declares other saveables, by index. */
  | { readonly thing: string; readonly declares: Readonly<Record<string, number>> }
);

const rows = Array.from({ length: 7 }, (_, i) => [i, 2 * i, 3 * i]);
const variable = (name: string, resource: boolean, rest: object = {}) => ({
  ...{ name, dtype: "float32" as const, value: [1, 2], resource },
  ...rest,
});
const partitioned = (resource: boolean, rest: object = {}) => ({
  ...variable("p", resource, { value: rows, parts: 3 }),
  ...rest,
});
const table: Item = { table: "tab", key_dtype: "string", value_dtype: "int64", default: -1 };
const placedTable: Item = {
  table: "t",
  key_dtype: "int64",
  value_dtype: "string",
  default: "?",
  device: "/job:ps/gpu:0",
};

const savers: Record<string, SaverConfig> = {
  everything: {},
  "a list": { list: [1, 0] },
  "a list of the first": { list: [0] },
  names: { names: { k: 0, z: 1 } },
  shards: { names: { k: 0, z: 1 }, sharded: true },
  "shards of the old format": { list: [0, 1], sharded: true, write_version: 1 },
  "one restore each": { list: [0, 1], base_builder: true },
  "a custom builder": { bfloat16_builder: true },
  "a custom builder, in shards": { list: [0, 1], sharded: true, bfloat16_builder: true },
  reshape: { list: [0, 1], reshape: true },
};

const models: Record<string, Item[]> = {
  "a partitioned variable": [partitioned(false), variable("w", false)],
  "a partitioned resource on a device": [partitioned(true, { device: "/job:ps/gpu:1" }), variable("w", true)],
  "a partitioned variable of a collection": [partitioned(false, { collection: "mine" }), variable("w", true)],
  "a partitioned resource of a collection": [partitioned(true, { collection: "mine" }), variable("w", true)],
  "one part of a collection": [partitioned(true, { parts: 1, collection: "mine" }), variable("w", true)],
  columns: [partitioned(false, { axis: 1, collection: "mine" }), variable("w", false)],
  "a table": [table, variable("w", true)],
  "a table on a device, and another": [placedTable, table],
  "an object": [
    { thing: "layer", declares: { kernel: 2, bias: 3, parts: 4 } },
    variable("w", false),
    variable("kernel", false),
    variable("bias", true),
    partitioned(true),
  ],
  "an object that declares a table": [{ thing: "model", declares: { words: 2 } }, variable("w", true), table],
};

let oracle: Oracle;
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(() => oracle.close());

function make(graph: Graph, item: Item, made: readonly Saveable[]): Saveable {
  if ("table" in item) {
    const { table: name, key_dtype: keyDtype, value_dtype: valueDtype, default: defaultValue } = item;
    return MutableHashTable.create({ graph, name, keyDtype, valueDtype, defaultValue });
  }
  if ("thing" in item) {
    const declared = () => Object.entries(item.declares).map(([attribute, i]) => [attribute, made[i] as Saveable]);
    const thing: Trackable = { name: item.thing, gatherSaveablesForCheckpoint: () => Object.fromEntries(declared()) };
    return thing;
  }
  const { name, resource: useResource, parts: partitions, axis } = item;
  const value = constant(toTensor(item.value as TensorLike, item.dtype), { graph, name: `${name}_value` });
  if (partitions === undefined) return Variable.create(value, { name, useResource });
  return PartitionedVariable.create(value, { name, useResource, partitions, axis });
}

const cases = Object.entries(models).flatMap(([what, items]) =>
  Object.entries(savers).map(([how, saver]) => ({ title: `${what}, ${how}`, items, saver })),
);

it.each(cases)("$title", async ({ items, saver }) => {
  const built = await oracle.ask<WithSavers>("build_model", { items, savers: [saver] });
  const graph = new Graph();
  const made: Saveable[] = [];
  for (const item of items) {
    made.push(graph.withDevice(item.device ?? "", () => make(graph, item, made)));
    if (item.collection !== undefined) graph.addToCollection(item.collection, made.at(-1));
  }
  await expectSame(oracle, graph, [makeSaver(graph, made, saver)], built);
});
