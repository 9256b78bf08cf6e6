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

/** Everything about the operations of a graph, in order, as text. */
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

/** What becomes of the graph. */
export const graphCases: readonly BuilderCase[] = [
  [
    "describes the saver: its names are in the graph and of the right kind, its limits those that were given",
    async (bench) => {
      const { graph, variables } = model();
      for (const sharded of [false, true]) {
        const limits = { maxToKeep: 3, keepCheckpointEveryNHours: 2 };
        const saver = bench.build(graph, variables, { sharded, ...limits });
        for (const name of [saver.filenameTensorName, saver.saveTensorName]) {
          const [opName = "", index = ""] = name.split(":");
          const output = graph.findOperation(opName)?.findOutput(Number(index || Number.NaN));
          ensure(output !== undefined, `${name} is no tensor of the graph`);
          ensureEqual(output.dtype, "string", `dtype of ${name}`);
        }
        ensure(
          graph.findOperation(saver.restoreOpName) !== undefined,
          `${saver.restoreOpName} is no operation of the graph`,
        );
        const { maxToKeep, keepCheckpointEveryNHours } = saver;
        ensureEqual({ maxToKeep, keepCheckpointEveryNHours }, limits, "limits");
        ensureEqual(saver.sharded, sharded, "sharded");
        ensure(saver.version === 1 || saver.version === 2, `version is ${saver.version}, which nobody can read`);
      }
    },
  ],
  [
    "adds operations within its name scope alone",
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
    "leaves what was in the graph as it was",
    async (bench) => {
      for (const options of OPTIONS) {
        const { graph, variables } = model();
        const [nodes, collections] = [nodesOf(graph), collectionsOf(graph)];
        const { filenameTensorName } = bench.build(graph, variables, options);
        const first = nodesOf(graph);
        ensureEqual(first.slice(0, nodes.length), nodes, "operations that were there before");
        ensureEqual(collectionsOf(graph), collections, "collections");
        ensureEqual(graph.nameScope, "", "name scope afterwards");
        const second = bench.build(graph, variables, options);
        ensureEqual(nodesOf(graph).slice(0, first.length), first, "operations of the first saver");
        ensure(second.filenameTensorName !== filenameTensorName, "two savers have one tensor for their file names");
      }
    },
  ],
  [
    "builds the same of the same, to the last name and whatever their order",
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
    "refuses to save nothing, or two variables of one name, and leaves the graph alone then",
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
