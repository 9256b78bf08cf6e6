import { toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { ensure, ensureEqual, ensureRejects } from "../assertions.js";
import { counter, ensureTensor, numberOf } from "./sample-graphs.js";
import type { SessionCase } from "./session-case.js";

const bothKinds = [
  ["reference", false],
  ["resource", true],
] as const;

const kindCases = bothKinds.flatMap(([kind, useResource]): SessionCase[] => [
  [
    `has ${kind} variables that are uninitialized until their initializer runs`,
    async (bench) => {
      const graph = new Graph();
      const variable = Variable.create([1, 2], { graph, name: "weights", useResource });
      const session = bench.open(graph);
      const error = await ensureRejects(() => session.run(variable), "FailedPreconditionError", "reading it");
      ensure(error.message.includes("weights"), `the error does not name the variable: ${error.message}`);
      await session.run(variable.initializer);
      ensureTensor(await session.run(variable), toTensor([1, 2], "float32"), "its value");
    },
  ],
  [
    `does not share ${kind} variables with other sessions`,
    async (bench) => {
      const graph = new Graph();
      const variable = Variable.create([1], { graph, name: "v", useResource });
      const [one, other] = [bench.open(graph), bench.open(graph)];
      await one.run(variable.initializer);
      await ensureRejects(() => other.run(variable), "FailedPreconditionError", "reading it in the other session");
      await variable.load([2], other);
      ensureEqual(numberOf(await one.run(variable)), 1, "in the first session");
      ensureEqual(numberOf(await other.run(variable)), 2, "in the other session");
    },
  ],
]);

/** Cases for variables, which keep their values between runs. */
export const variableCases: readonly SessionCase[] = [
  ...kindCases,
  [
    "keeps the effects of operations before an error, and keeps working",
    async (bench) => {
      const graph = new Graph();
      const { variable, increment } = counter(graph, "count");
      const missing = Variable.create(0, { graph, name: "missing" });
      const session = await bench.openInitialized(graph, [variable]);
      const failing = graph.withControlDependencies([increment], () =>
        graph.createOperation("Identity", { inputs: [missing.handle], attrs: { T: { type: 1 } } }),
      );
      await ensureRejects(() => session.run(failing), "FailedPreconditionError", "an uninitialized variable");
      ensureEqual(numberOf(await session.run(variable)), 1, "the operation before the error");
      await session.run([missing.initializer]);
      await session.run(failing);
      ensureEqual(numberOf(await session.run(variable)), 2, "the same operation again, without the error");
    },
  ],
];
