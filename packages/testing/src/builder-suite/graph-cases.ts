import { Graph, type Variable } from "@tfsaver/graph";
import type { BuildOptions } from "@tfsaver/saver-builders";
import { ensure, ensureEqual } from "../assertions.js";
import { type BuilderCase, ensureThrows, numbers, variableOf } from "./builder-bench.js";

function model(): { readonly graph: Graph; readonly variables: Variable[] } {
  const graph = new Graph();
  const variables = [0, 1, 2].map((i) =>
    graph.withDevice(i === 1 ? "/device:CPU:0" : "", () =>
      variableOf(graph, `v${i}`, numbers(2, i + 1), { useResource: i === 2 }),
    ),
  );
  return { graph, variables };
}

const OPTIONS: readonly BuildOptions[] = [{}, { sharded: true }, { reshape: true }, { name: "mine", maxToKeep: 3 }];

/** Describes all operations of a graph, in order, as text. */
function nodesOf(graph: Graph): string[] {
  return graph.operations.map((op) => {
    const { name, input, device } = op.toNodeDef();
    const attrs = [...op.attrs].sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([op.type, name, input, device, attrs], (_, value) => {
      if (value instanceof Map) return [...value];
      return typeof value === "bigint" ? `${value}n` : value;
    });
  });
}

function collectionsOf(graph: Graph): string {
  return JSON.stringify(graph.collectionKeys.map((key) => [key, graph.collection(key).length]));
}

/** Cases for the graph that a builder extends. */
export const graphCases: readonly BuilderCase[] = [
  [
    "describes the saver: its names exist in the graph with the right types, its limits are those that were passed",
    async (bench) => {
      const { graph, variables } = model();
      for (const sharded of [false, true]) {
        const limits = { maxToKeep: 3, keepCheckpointEveryNHours: 2 };
        const saver = bench.build(graph, variables, { sharded, ...limits });
        for (const name of [saver.filenameTensorName, saver.saveTensorName]) {
          const [opName = "", index = ""] = name.split(":");
          const output = graph.findOperation(opName)?.findOutput(Number(index || Number.NaN));
          ensure(output !== undefined, `${name} is not a tensor of the graph`);
          ensureEqual(output.dtype, "string", `dtype of ${name}`);
        }
        ensure(
          graph.findOperation(saver.restoreOpName) !== undefined,
          `${saver.restoreOpName} is not an operation of the graph`,
        );
        const { maxToKeep, keepCheckpointEveryNHours } = saver;
        ensureEqual({ maxToKeep, keepCheckpointEveryNHours }, limits, "limits");
        ensureEqual(saver.sharded, sharded, "sharded");
        ensure(saver.version === 1 || saver.version === 2, `version is ${saver.version}, not 1 or 2`);
      }
    },
  ],
  [
    "adds operations only within its name scope",
    async (bench) => {
      for (const options of OPTIONS) {
        const { graph, variables } = model();
        const scopes = [options.name ?? "save", `${options.name ?? "save"}_1`];
        for (const scope of scopes) {
          const before = graph.size;
          bench.build(graph, variables, options);
          const stray = graph.operations.slice(before).find(({ name }) => !name.startsWith(`${scope}/`));
          ensure(stray === undefined, `${stray?.name} is not within ${scope}/`);
        }
        graph.withNameScope("outer", () => {
          const before = graph.size;
          bench.build(graph, variables, options);
          const stray = graph.operations.slice(before).find(({ name }) => !name.startsWith(`outer/${scopes[0]}/`));
          ensure(stray === undefined, `${stray?.name} is not within outer/${scopes[0]}/`);
        });
      }
    },
  ],
  [
    "leaves existing operations and collections unchanged",
    async (bench) => {
      for (const options of OPTIONS) {
        const { graph, variables } = model();
        const [nodes, collections] = [nodesOf(graph), collectionsOf(graph)];
        const { filenameTensorName } = bench.build(graph, variables, options);
        const first = nodesOf(graph);
        ensureEqual(first.slice(0, nodes.length), nodes, "existing operations");
        ensureEqual(collectionsOf(graph), collections, "collections");
        ensureEqual(graph.nameScope, "", "name scope after building");
        const second = bench.build(graph, variables, options);
        ensureEqual(nodesOf(graph).slice(0, first.length), first, "operations of the first saver");
        ensure(second.filenameTensorName !== filenameTensorName, "two savers share one file name tensor");
      }
    },
  ],
  [
    "builds identical operations from the same variables, in any order",
    async (bench) => {
      for (const options of OPTIONS) {
        const [one, other] = [model(), model()];
        const savers = [
          bench.build(one.graph, one.variables, options),
          bench.build(other.graph, other.variables.reverse(), options),
        ];
        ensureEqual(nodesOf(other.graph), nodesOf(one.graph), "operations");
        ensureEqual(savers[1], savers[0], "description");
      }
    },
  ],
  [
    "refuses an empty list and duplicate variables, without changing the graph",
    async (bench) => {
      const { graph, variables } = model();
      const [variable] = variables as [Variable];
      const { size } = graph;
      ensureThrows(() => bench.build(graph, []), "ValueError", "an empty list");
      ensureThrows(() => bench.build(graph, {}), "ValueError", "an empty record");
      ensureThrows(() => bench.build(graph, [variable, variable]), "ValueError", "a variable twice");
      ensureThrows(() => bench.build(graph, { a: variable, b: variable }), "ValueError", "a variable under two names");
      ensureThrows(() => bench.build(graph, "v" as never), "TypeError", "text");
      ensureEqual(graph.size, size, "number of operations");
    },
  ],
];
