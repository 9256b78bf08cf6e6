import { type DType, makeTensor, type Tensor, toTensor } from "@tfsaver/core";
import { Graph, identity, type Output, PartitionedVariable, placeholder, Variable } from "@tfsaver/graph";
import { ensure, ensureEqual, ensureRejects } from "../assertions.js";
import { ensureTensor, numberOf, sample } from "./sample-graphs.js";
import type { SessionCase } from "./session-case.js";

const floats = (...values: number[]) => toTensor(values, "float32");

const FLOATS: readonly DType[] = ["float16", "bfloat16", "float32", "float64"];
const INTEGERS: readonly DType[] = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"];

/** Dtypes that TensorFlow has kernels for, for both kinds of variables. */
const ASSIGNABLE: readonly DType[] = [...FLOATS, ...INTEGERS, "complex64", "complex128", "bool", "string"];

/** Cases for the operations that change a variable of one kind. */
const kindCases = (kind: string, useResource: boolean): SessionCase[] => [
  [
    `assigns to a ${kind} variable, adds to it and subtracts from it`,
    async (bench) => {
      const graph = new Graph();
      const v = Variable.create([1, 2], { graph, name: "v", useResource });
      const other = Variable.create([10, 20], { graph, name: "other", useResource: !useResource });
      const assigned = v.assign([3, 4]);
      const sum = v.assignAdd(other);
      const difference = v.assignSub([1, 1]);
      const quiet = v.assignAdd(v, { readValue: false });
      const session = await bench.openInitialized(graph, [v, other]);
      ensureTensor(await session.run(assigned), floats(3, 4), "what an assignment returns");
      ensureTensor(await session.run(v), floats(3, 4), "the value after an assignment");
      ensureTensor(await session.run(sum), floats(13, 24), "what a sum returns");
      ensureTensor(await session.run(difference), floats(12, 23), "what a difference returns");
      ensure((await session.run(quiet)) === null, "an update without readValue must return null");
      ensureTensor(await session.run(v), floats(24, 46), "the value after a sum with itself");
      ensureTensor(await session.run(other), floats(10, 20), "the variable that was added");
    },
  ],
  [
    `assigns ${kind} variables of every dtype`,
    async (bench) => {
      for (const dtype of ASSIGNABLE) {
        const graph = new Graph();
        const v = Variable.create(sample(dtype, [2]), { graph, name: "v", useResource });
        const value = placeholder(dtype, { graph, name: "value", shape: [2] });
        const assigned = v.assign(value);
        const session = await bench.openInitialized(graph, [v]);
        ensureTensor(
          await session.run(assigned, new Map([[value, sample(dtype, [2], 5)]])),
          sample(dtype, [2], 5),
          dtype,
        );
        ensureTensor(await v.eval(session), sample(dtype, [2], 5), `${dtype}, afterwards`);
      }
    },
  ],
  [
    `adds to ${kind} variables of every dtype with numbers, and to no others`,
    async (bench) => {
      const tensors = [
        ...[...FLOATS, ...INTEGERS].map((dtype) =>
          [
            [1, 2],
            [3, 5],
            [4, 7],
          ].map((pair) => toTensor(pair, dtype)),
        ),
        [
          [1, 2],
          [3, 5],
          [4, 7],
        ].map((parts) => makeTensor("complex64", [1], Float32Array.from(parts))),
        [
          [1, 2],
          [3, 5],
          [4, 7],
        ].map((parts) => makeTensor("complex128", [1], Float64Array.from(parts))),
      ] as [Tensor, Tensor, Tensor][];
      for (const [first, second, total] of tensors) {
        const graph = new Graph();
        const v = Variable.create(first, { graph, name: "v", useResource });
        const [sum, difference] = [v.assignAdd(second), v.assignSub(second)];
        const session = await bench.openInitialized(graph, [v]);
        ensureTensor(await session.run(sum), total, `a sum of ${first.dtype}`);
        ensureTensor(await session.run(difference), first, `a difference of ${first.dtype}`);
      }
      const graph = new Graph();
      const flag = Variable.create(true, { graph, name: "flag", useResource });
      const session = await bench.openInitialized(graph, [flag]);
      const add = async () => session.run(flag.assignAdd(true));
      await ensureRejects(add, useResource ? "InvalidArgumentError" : "TypeError", "adding to a bool");
    },
  ],
  [
    `refuses to update a ${kind} variable without a value, and with another shape`,
    async (bench) => {
      const graph = new Graph();
      const v = Variable.create([1, 2], { graph, name: "weights", useResource });
      const value = placeholder("float32", { graph, name: "value" });
      const updates = { assign: v.assign(value), assignAdd: v.assignAdd(value), assignSub: v.assignSub(value) };
      const session = bench.open(graph);
      const uninitialized = useResource ? "NotFoundError" : "FailedPreconditionError";
      for (const name of ["assignAdd", "assignSub"] as const) {
        const error = await ensureRejects(
          () => session.run(updates[name], new Map([[value, [1, 2]]])),
          uninitialized,
          `${name} before initialization`,
        );
        ensure(error.message.includes("weights"), `the error does not name the variable: ${error.message}`);
      }
      await session.run(v.initializer);
      for (const [name, update] of Object.entries(updates)) {
        for (const wrong of [[1, 2, 3], 1, [[1, 2]]]) {
          const run = () => session.run(update, new Map([[value, wrong]]));
          await ensureRejects(run, "InvalidArgumentError", `${name} of ${JSON.stringify(wrong)}`);
        }
      }
      ensureTensor(await session.run(v), floats(1, 2), "the value after updates that failed");
      const initialized = bench.open(graph);
      ensureTensor(await initialized.run(updates.assign, new Map([[value, [7, 8]]])), floats(7, 8), "the first value");
    },
  ],
  [
    `loads a value into a ${kind} variable and reads it, and adds nothing to the graph`,
    async (bench) => {
      const graph = new Graph();
      const v = Variable.create([1, 2], { graph, name: "v", useResource });
      const step = Variable.create(0n, { graph, name: "step", trainable: false, useResource });
      const next = step.assignAdd(1n);
      const session = bench.open(graph);
      await ensureRejects(() => v.eval(session), "FailedPreconditionError", "reading it before a value is loaded");
      await v.load([3, 4], session);
      await step.load(40n, session);
      const { size } = graph;
      for (let i = 0; i < 50; i++) {
        const { data } = await v.eval(session);
        await v.load(
          Float32Array.from(data as Float32Array, (x) => x + 1),
          session,
        );
        await session.run(next);
      }
      ensureTensor(await v.eval(session), floats(53, 54), "the value after 50 loads");
      ensureEqual(numberOf(await step.eval(session)), 90, "the step");
      ensureEqual(graph.size, size, "number of operations after 50 steps");
      await ensureRejects(() => v.load([1, 2, 3], session), "ValueError", "loading another shape");
      await ensureRejects(() => v.load("text", session), "InvalidArgumentError", "loading text");
      await session.run(v.initializer);
      ensureTensor(await v.eval(session), floats(1, 2), "the initial value, which loads left alone");
    },
  ],
  [
    `lets a run feed a ${kind} variable, which changes nothing`,
    async (bench) => {
      const graph = new Graph();
      const v = Variable.create([1, 2], { graph, name: "v", useResource });
      const used = identity(v.graphElement);
      const session = await bench.openInitialized(graph, [v]);
      const [value, use] = await session.run([v, used], new Map([[v, [7, 8]]]));
      ensureTensor(value, floats(7, 8), "the variable");
      ensureTensor(use, floats(7, 8), "what uses it");
      ensureTensor(await session.run(v), floats(1, 2), "the variable in the next run");
    },
  ],
  [
    `reads a ${kind} variable after what a read waits for`,
    async (bench) => {
      const graph = new Graph();
      const v = Variable.create([1, 2], { graph, name: "v", useResource });
      const doubled = v.assignAdd(v, { readValue: false });
      const after = graph.withControlDependencies([doubled], () => v.readValue());
      const sum = v.assignAdd([100, 200]);
      const then = graph.withControlDependencies([sum.op], () => v.readValue());
      const session = await bench.openInitialized(graph, [v]);
      const before = await session.run(v);
      ensureTensor(await session.run(after), floats(2, 4), "a read after an update");
      ensureTensor(await session.run(then), floats(102, 204), "a read after what another update returned");
      ensureTensor(await session.run(v.value()), floats(102, 204), "value()");
      ensureTensor(before, floats(1, 2), "a value that was fetched before");
    },
  ],
  [
    `assigns to the parts of a partitioned ${kind} variable`,
    async (bench) => {
      const graph = new Graph();
      const rows = (...values: number[]) => toTensor(values, "float32", [3, 1]);
      const p = PartitionedVariable.create(rows(1, 2, 3), { graph, name: "p", partitions: 2, useResource });
      const whole = placeholder("float32", { graph, name: "whole", shape: [3, 1] });
      const [assigned, sum, difference] = [p.assign(whole), p.assignAdd(p), p.assignSub(rows(1, 1, 1))];
      const value = p.asTensor();
      const session = await bench.openInitialized(graph, p.parts);
      const results = (await session.run(assigned as readonly Output[], new Map([[whole, rows(5, 6, 7)]]))) as Tensor[];
      ensureEqual(
        results.map(({ shape }) => shape),
        [
          [2, 1],
          [1, 1],
        ],
        "shapes of the results",
      );
      ensureTensor(await session.run(value), rows(5, 6, 7), "the whole value");
      await session.run(sum);
      await session.run(difference);
      ensureTensor(await session.run(value), rows(9, 11, 13), "the value after a sum and a difference");
      await ensureRejects(() => session.run(p as never), "TypeError", "fetching a partitioned variable");
      await ensureRejects(() => session.run(value, new Map([[p as never, 1]])), "TypeError", "feeding one");
    },
  ],
];

/** Cases for the operations that change variables. */
export const assignCases: readonly SessionCase[] = [
  ...kindCases("reference", false),
  ...kindCases("resource", true),
  [
    "lets a reference variable take any shape if shapes are not validated",
    async (bench) => {
      const graph = new Graph();
      const v = Variable.create([1, 2], { graph, name: "v" });
      const value = placeholder("float32", { graph, name: "value" });
      const assigned = v.assign(value, { validateShape: false });
      const session = bench.open(graph);
      ensureTensor(await session.run(assigned, { "value:0": [1, 2, 3] }), floats(1, 2, 3), "the first value");
      ensureTensor(await session.run(assigned, { "value:0": 4 }), toTensor(4, "float32"), "the second value");
      ensureTensor(await session.run(v), toTensor(4, "float32"), "afterwards");
    },
  ],
  [
    "lets a resource variable of unknown shape take any shape",
    async (bench) => {
      const graph = new Graph();
      const value = placeholder("float32", { graph, name: "value" });
      const v = Variable.create(value, { graph, name: "v", useResource: true });
      const assigned = v.assign(value);
      const session = bench.open(graph);
      ensureTensor(await session.run(assigned, { "value:0": [1, 2, 3] }), floats(1, 2, 3), "the first value");
      ensureTensor(await session.run(assigned, { "value:0": [4] }), floats(4), "the second value");
    },
  ],
  [
    "refuses to assign to a reference variable that is fed",
    async (bench) => {
      const graph = new Graph();
      const v = Variable.create([1, 2], { graph, name: "v" });
      const sum = v.assignAdd([1, 1]);
      const session = await bench.openInitialized(graph, [v]);
      const run = () => session.run(sum, new Map([[v, [7, 8]]]));
      await ensureRejects(run, "InvalidArgumentError", "adding to a fed reference");
      ensureTensor(await session.run(v), floats(1, 2), "the value afterwards");
    },
  ],
];
