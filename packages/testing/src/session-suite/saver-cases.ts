import { type DType, toTensor } from "@tfsaver/core";
import { Graph, type Variable } from "@tfsaver/graph";
import { BulkSaverBuilder } from "@tfsaver/saver-builders";
import { ensure, ensureRejects } from "../assertions.js";
import { type BuilderBench, numbers, variableOf } from "../builder-suite/builder-bench.js";
import { sample } from "./sample-graphs.js";
import type { SessionCase } from "./session-case.js";

const DTYPES: readonly DType[] = ["float32", "float64", "int32", "int64", "bool", "string", "bfloat16", "complex64"];

/** Creates variables of several dtypes, a reference and a resource variable of each. */
function variablesOf(graph: Graph, dtypes: readonly DType[]): Map<Variable, ReturnType<typeof sample>> {
  return new Map(
    dtypes.flatMap((dtype) =>
      [false, true].map((useResource) => {
        const value = sample(dtype, [2, 3], Number(useResource));
        const name = `${dtype}_${useResource ? "resource" : "reference"}`;
        return [variableOf(graph, name, value, { useResource }), value] as const;
      }),
    ),
  );
}

const formats = [
  ["V2", 2, false],
  ["V2 in shards", 2, true],
  ["V1", 1, false],
  ["V1 in shards", 1, true],
] as const;

const formatCases = formats.map(
  ([format, version, sharded]): SessionCase => [
    `saves in ${format}, for another session to restore`,
    async (bench: BuilderBench) => {
      const graph = new Graph();
      // V1 does not support bfloat16.
      const values = variablesOf(graph, version === 1 ? DTYPES.filter((dtype) => dtype !== "bfloat16") : DTYPES);
      const saver = new BulkSaverBuilder(version).build([...values.keys()], { graph, sharded });
      const session = await bench.openInitialized(graph, values.keys());
      const path = await bench.save(session, saver, bench.path("model"));
      const other = bench.open(graph);
      await bench.restore(other, saver, path);
      await bench.ensureValues(other, values, "restored");
      await bench.ensureValues(session, values, "after saving");
    },
  ],
);

/** Cases for the operations of savers. */
export const saverCases: readonly SessionCase[] = [
  ...formatCases,
  [
    "fails to restore a missing checkpoint or key, and a wrong shape or dtype",
    async (bench) => {
      const graph = new Graph();
      const a = variableOf(graph, "a", numbers(2));
      const saver = bench.build(graph, [a]);
      const session = await bench.openInitialized(graph, [a]);
      const nowhere = bench.path("nowhere");
      const error = await ensureRejects(() => bench.restore(session, saver, nowhere), "NotFoundError", "no checkpoint");
      ensure(error.message.includes("nowhere"), `the error does not name the checkpoint: ${error.message}`);
      const path = await bench.save(session, saver, bench.path("model"));

      const other = new Graph();
      const [b, wide] = [variableOf(other, "b", numbers(2)), variableOf(other, "a", numbers(3))];
      const fresh = bench.open(other);
      const missing = bench.build(other, [b]);
      const keyError = await ensureRejects(() => bench.restore(fresh, missing, path), "NotFoundError", "no such key");
      ensure(keyError.message.includes("b"), `the error does not name the key: ${keyError.message}`);
      const shape = bench.build(other, [wide]);
      await ensureRejects(() => bench.restore(fresh, shape, path), "InvalidArgumentError", "another shape");
      const integers = variableOf(other, "integers", toTensor([1, 2], "int32"));
      const dtype = bench.build(other, { a: integers });
      await ensureRejects(() => bench.restore(fresh, dtype, path), "InvalidArgumentError", "another dtype");
    },
  ],
  [
    "refuses to save an uninitialized variable, and keeps the previous checkpoint",
    async (bench) => {
      const graph = new Graph();
      const [a, b] = [variableOf(graph, "a", numbers(2)), variableOf(graph, "b", numbers(2, 5))];
      const saver = bench.build(graph, [a, b]);
      const session = await bench.openInitialized(graph, [a, b]);
      const path = await bench.save(session, saver, bench.path("model"));
      const other = bench.open(graph);
      await other.run(a.initializer);
      await ensureRejects(() => bench.save(other, saver, path), "FailedPreconditionError", "saving");
      await bench.restore(other, saver, path);
      await bench.ensureValues(
        other,
        new Map([
          [a, numbers(2)],
          [b, numbers(2, 5)],
        ]),
        "restored",
      );
    },
  ],
];
