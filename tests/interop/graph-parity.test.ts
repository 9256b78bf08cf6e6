import { type DType, numElements, type Shape, toTensor } from "@tfsaver/core";
import { assign, Graph, type Operation, Variable } from "@tfsaver/graph";
import { importMetaGraph } from "@tfsaver/meta-graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { afterAll, beforeAll, describe, it } from "vitest";
import { Oracle } from "./oracle.js";
import { expectSame, inScope, makeSaver, type SaverConfig, type WithSavers } from "./parity.js";

interface VariableConfig {
  readonly name: string;
  readonly dtype: DType;
  readonly value: number | number[] | number[][] | string;
  readonly resource: boolean;
  readonly device?: string;
  readonly scope?: string;
  readonly trainable?: boolean;
}

/** A partitioned variable. */
interface PartitionedConfig {
  readonly name: string;
  readonly shape: number[];
  readonly parts: number;
  readonly axis?: number;
  readonly resource: boolean;
  /** Devices of the parts, in order. */
  readonly devices?: string[];
}

interface Config {
  readonly title: string;
  readonly variables: readonly VariableConfig[];
  readonly savers: readonly SaverConfig[];
}

/** A configuration that is compared after an import only. */
interface ImportedConfig {
  readonly title: string;
  readonly variables: readonly (VariableConfig | PartitionedConfig)[];
  readonly savers: readonly SaverConfig[];
}

const kinds = {
  ref: [false, false, false, false],
  resource: [true, true, true, true],
  mixed: [false, true, false, true],
};

function variablesOf(kind: keyof typeof kinds, devices: readonly string[] = []): VariableConfig[] {
  const [a, b, c, d] = kinds[kind] as [boolean, boolean, boolean, boolean];
  const place = (index: number) => (devices[index] ? { device: devices[index] as string } : {});
  return [
    {
      name: "weights",
      dtype: "float32",
      value: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      resource: a,
      scope: "layer",
      ...place(0),
    },
    { name: "bias", dtype: "float64", value: [0.5], resource: b, ...place(1) },
    { name: "step", dtype: "int64", value: 7, resource: c, trainable: false, ...place(2) },
    { name: "label", dtype: "string", value: "ü", resource: d, ...place(3) },
  ];
}

const savers: Record<string, SaverConfig[]> = {
  "one saver": [{}],
  reshape: [{ reshape: true }],
  "a name, a file name and limits": [
    { name: "mine", filename: "/x/zz", max_to_keep: 0, keep_checkpoint_every_n_hours: 0.7 },
  ],
  "building deferred": [{ defer_build: true }],
  "control dependencies around": [{ control: true }],
  "shards within control dependencies": [{ sharded: true, control: true }],
  "a scope entered again": [{ name: "my/" }, { name: "my/" }],
  "two savers": [{}, { list: [1, 0] }],
  "other names": [{ names: { z: 0, a: 2 } }],
  "an outer scope and device": [{ scope: "outer", device: "/job:worker/device:GPU:0" }],
  "one restore per variable": [{ base_builder: true, restore_sequentially: true }],
  "the old format": [{ write_version: 1 }],
  shards: [{ sharded: true }],
  "shards of the old format": [{ sharded: true, write_version: 1 }],
  "shards, reshaped, under another name, beside another saver": [{}, { sharded: true, reshape: true, name: "mine" }],
};

const placements: Record<string, string[]> = {
  "without devices": [],
  "on two tasks and a GPU": ["/job:ps/task:0", "/job:ps/task:1", "/device:GPU:0"],
  "on one task": ["/job:ps/task:3", "/job:ps/task:3", "/job:ps/task:3", "/job:ps/task:3"],
  "on four tasks": ["/job:ps/task:2", "/job:ps/task:10", "/job:ps/task:0/device:GPU:1", "/job:worker/task:0"],
};

const configs: Config[] = Object.keys(kinds).flatMap((kind) =>
  Object.entries(placements).flatMap(([where, devices]) =>
    Object.entries(savers).map(([what, options]) => ({
      title: `${kind} variables ${where}, ${what}`,
      variables: variablesOf(kind as keyof typeof kinds, devices),
      savers: options,
    })),
  ),
);

interface Built {
  readonly bare: string;
  /** With savers that were added when the graph was built. */
  readonly built: WithSavers;
  /** With savers that were added after an export and import. */
  readonly imported: WithSavers;
  /** Names of each variable's parts: a single name unless it is partitioned. */
  readonly names: string[][];
}

let oracle: Oracle;
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(() => oracle.close());

function makeVariables(graph: Graph, configs: readonly VariableConfig[]): Variable[] {
  return configs.map(({ name, dtype, value, resource, device, scope, trainable }) =>
    graph.withDevice(device ?? "", () =>
      inScope(graph, scope, () =>
        Variable.create(toTensor(value, dtype), { graph, name, useResource: resource, trainable: trainable ?? true }),
      ),
    ),
  );
}

/** Adds the same operations as `update` in tools/oracle/serve.py. */
function update(graph: Graph, variables: readonly Variable[]): void {
  let before: Operation[] = [];
  const build = () => {
    for (const variable of variables) {
      graph.withControlDependencies(before, () => {
        before = [variable.assign(variable, { readValue: false })];
        assign(variable, variable.readValue(), { name: "plain" });
        if (variable.dtype === "string") return;
        const shape = variable.shape as Shape;
        const ones = toTensor(new Array<number>(numElements(shape)).fill(1), variable.dtype, shape);
        variable.assignAdd(ones, { name: "sum" });
        before.push(variable.assignSub(variable, { useLocking: true, readValue: false }));
      });
    }
  };
  graph.withNameScope("train", () => graph.withDevice("/job:worker/device:CPU:0", build));
}

const updated = (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((kind) =>
  Object.entries(placements).map(([where, devices]) => ({ kind, where, variables: variablesOf(kind, devices) })),
);

describe.each(updated)("$kind variables $where that are assigned", ({ variables }) => {
  let built: Built;
  beforeAll(async () => {
    built = await oracle.ask<Built>("build_graph", { variables, savers: [{}], updates: true });
  });

  it("get the same operations as in Python", async () => {
    const graph = new Graph();
    const made = makeVariables(graph, variables);
    update(graph, made);
    await expectSame(oracle, graph, [makeSaver(graph, made, {})], built.built);
  });

  it("get the same operations as in Python after an import", async () => {
    const graph = new Graph();
    const imported = importMetaGraph(MetaGraphDef.decode(Buffer.from(built.bare, "base64")), { graph });
    const inOrder = built.names.map(([name = ""]) => imported.variables.get(name) as Variable);
    update(graph, inOrder);
    await expectSame(oracle, graph, [makeSaver(graph, inOrder, {})], built.imported);
  });
});

describe.each(configs)("$title", ({ variables, savers: wanted }) => {
  let built: Built;
  beforeAll(async () => {
    built = await oracle.ask<Built>("build_graph", { variables, savers: wanted });
  });

  it("adds the same nodes as Python's Saver to an imported graph", async () => {
    const graph = new Graph();
    const bare = MetaGraphDef.decode(Buffer.from(built.bare, "base64"));
    const imported = importMetaGraph(bare, { graph });
    const inOrder = built.names.map(([name = ""]) => imported.variables.get(name) as Variable);
    await expectSame(
      oracle,
      graph,
      wanted.map((config) => makeSaver(graph, inOrder, config)),
      built.imported,
    );
  });

  it("builds the same graph as Python", async () => {
    const graph = new Graph();
    const made = makeVariables(graph, variables);
    await expectSame(
      oracle,
      graph,
      wanted.map((config) => makeSaver(graph, made, config)),
      built.built,
    );
  });
});

const PS = ["/job:ps/task:0/device:GPU:0", "/job:ps/task:1", "/job:ps/task:2"];

const partitioned: ImportedConfig[] = [false, true].flatMap((resource) =>
  Object.entries({
    "in the collection": [{}],
    "by name": [{ names: { q: 0, z: 1 } }],
    "as a list": [{ list: [1, 0] }],
    "in shards": [{ sharded: true }],
    "in the old format": [{ write_version: 1, sharded: true }],
    "with reshape": [{ reshape: true }],
  } satisfies Record<string, SaverConfig[]>).flatMap(([how, savers]) =>
    [[], PS].map((devices) => ({
      title: `a partitioned ${resource ? "resource" : "ref"} variable on ${devices.length} devices, ${how}`,
      variables: [
        { name: "p", shape: [7, 3], parts: 3, resource, devices },
        { name: "whole", dtype: "float32" as const, value: [1, 2], resource },
      ],
      savers,
    })),
  ),
);

describe.each(partitioned)("$title", ({ variables, savers: wanted }) => {
  it("is saved by the same nodes as in Python", async () => {
    const built = await oracle.ask<Built>("build_graph", { variables, savers: wanted });
    const graph = new Graph();
    const imported = importMetaGraph(MetaGraphDef.decode(Buffer.from(built.bare, "base64")), { graph });
    const found = built.names.map((names) => {
      const parts = names.map((name) => imported.variables.get(name) as Variable);
      return parts.length > 1 ? parts : (parts[0] as Variable);
    });
    await expectSame(
      oracle,
      graph,
      wanted.map((config) => makeSaver(graph, found, config)),
      built.imported,
    );
  });
});
