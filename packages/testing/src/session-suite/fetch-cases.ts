import { toTensor } from "@tfsaver/core";
import { constant, type Fetch, Graph, group, identity, Variable } from "@tfsaver/graph";
import { ensure, ensureEqual, ensureRejects } from "../assertions.js";
import { counter, ensureTensor, numberOf } from "./sample-graphs.js";
import type { SessionCase } from "./session-case.js";

const floats = (...values: number[]) => toTensor(values, "float32");

/** Cases for fetches, and for which operations run. */
export const fetchCases: readonly SessionCase[] = [
  [
    "fetches outputs, variables and their names as tensors, and operations as null",
    async (bench) => {
      const graph = new Graph();
      const two = constant([2, 3], { graph, name: "two" });
      const ref = Variable.create([1, 2], { graph, name: "ref" });
      const resource = Variable.create([3, 4], { graph, name: "resource", useResource: true });
      const session = await bench.openInitialized(graph, [ref, resource]);
      ensureTensor(await session.run(two), floats(2, 3), "an output");
      ensureTensor(await session.run("two:0"), floats(2, 3), "an output's name");
      ensureTensor(await session.run(ref), floats(1, 2), "a reference variable");
      ensureTensor(await session.run("ref:0"), floats(1, 2), "a reference variable's name");
      ensureTensor(await session.run(resource), floats(3, 4), "a resource variable");
      ensure((await session.run(two.op)) === null, "fetching an operation must return null");
      ensure((await session.run("two")) === null, "fetching the name of an operation must return null");
      ensure((await session.run(ref.initializer)) === null, "fetching an operation with an output must return null");
    },
  ],
  [
    "fetches a list, in order",
    async (bench) => {
      const graph = new Graph();
      const [a, b] = [constant([1], { graph, name: "a" }), constant([2], { graph, name: "b" })];
      const session = bench.open(graph);
      const results = await session.run([b, a.op, a, "b:0", "b", b]);
      ensureEqual(
        results.map((result) => result && numberOf(result)),
        [2, null, 1, 2, null, 2],
        "the list",
      );
      ensureEqual(await session.run([]), [], "an empty list");
      ensureEqual((await session.run([a])).map(numberOf), [1], "a list of one");
    },
  ],
  [
    "refuses to fetch what is not in the graph",
    async (bench) => {
      const graph = new Graph();
      constant(2, { graph, name: "two" });
      const session = bench.open(graph);
      for (const name of ["nope", "nope:0", "two:1", "::"]) {
        const error = await ensureRejects(() => session.run(name), "ValueError", `fetching ${name}`);
        ensure(error.message.includes(name), `the error does not name ${name}: ${error.message}`);
      }
      const other = constant(2, { graph: new Graph(), name: "two" });
      await ensureRejects(() => session.run(other), "ValueError", "fetching from another graph");
      for (const nothing of [null, undefined, 5, {}]) {
        const fetch = nothing as unknown as Fetch;
        await ensureRejects(() => session.run(fetch), "TypeError", `fetching ${String(nothing)}`);
      }
    },
  ],
  [
    "runs each operation once per run",
    async (bench) => {
      const graph = new Graph();
      const { variable, increment } = counter(graph, "count");
      const after = group([increment], { graph });
      const twice = identity(increment.outputs[0] as never);
      const session = await bench.openInitialized(graph, [variable]);
      await session.run([increment, after, increment, twice, twice.name, increment.name]);
      ensureEqual(numberOf(await session.run(variable)), 1, "number of runs of the operation");
      await session.run([increment]);
      ensureEqual(numberOf(await session.run(variable)), 2, "number of runs of the operation in two calls");
    },
  ],
  [
    "runs control dependencies first",
    async (bench) => {
      const graph = new Graph();
      const { variable, increment } = counter(graph, "count");
      const read = graph.withControlDependencies([increment], () => identity(variable.handle));
      const again = graph.withControlDependencies([read.op], () => counter(graph, "second").increment);
      const session = await bench.openInitialized(graph, [variable]);
      ensureEqual(numberOf(await session.run(read)), 1, "a read that waits for an increment");
      await ensureRejects(() => session.run(again), "FailedPreconditionError", "an uninitialized second counter");
      ensureEqual(numberOf(await session.run(variable)), 2, "the control dependency of a failing operation");
    },
  ],
  [
    "runs only the needed operations",
    async (bench) => {
      const graph = new Graph();
      const needed = counter(graph, "needed");
      const unneeded = counter(graph, "unneeded");
      const session = await bench.openInitialized(graph, [needed.variable, unneeded.variable]);
      await session.run(needed.increment);
      ensureEqual(numberOf(await session.run(unneeded.variable)), 0, "number of runs of the other operation");
    },
  ],
  [
    "runs operations that were added since the last run",
    async (bench) => {
      const graph = new Graph();
      const session = bench.open(graph);
      await session.run([]);
      const first = constant([1], { graph, name: "first" });
      ensureEqual(numberOf(await session.run(first)), 1, "the first");
      const variable = Variable.create([5], { graph, name: "later" });
      await session.run(variable.initializer);
      for (const step of [1, 2, 3]) {
        const copy = identity(variable.snapshot, { name: `copy_${step}` });
        ensureEqual(numberOf(await session.run(copy)), 5, `copy ${step}`);
      }
      const before = [first.op, variable.initializer];
      const waiting = graph.withControlDependencies(before, () => constant([2], { graph, name: "waiting" }));
      ensureEqual(numberOf(await session.run(waiting)), 2, "a control dependency on older operations");
      ensureEqual(numberOf(await session.run("first:0")), 1, "the first again");
    },
  ],
  [
    "supports concurrent runs, even right after the graph has grown",
    async (bench) => {
      const graph = new Graph();
      const session = bench.open(graph);
      for (const round of [0, 1, 2]) {
        const added = [1, 2, 3, 4].map((value) => constant([round * 10 + value], { graph }));
        const results = await Promise.all(added.map((output) => session.run(output)));
        ensureEqual(
          results.map(numberOf),
          [1, 2, 3, 4].map((value) => round * 10 + value),
          "runs at once",
        );
      }
    },
  ],
];
