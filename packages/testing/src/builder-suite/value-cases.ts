import { type DType, makeTensor, numElements, type Tensor, toTensor } from "@tfsaver/core";
import { Graph, PartitionedVariable, type Variable } from "@tfsaver/graph";
import type { BuildOptions, VarList } from "@tfsaver/saver-builders";
import { ensure, ensureEqual } from "../assertions.js";
import { type BuilderBench, type BuilderCase, numbers, variableOf } from "./builder-bench.js";

/** Sample elements of each dtype. */
const SAMPLES: Readonly<Partial<Record<DType, readonly (number | bigint)[]>>> = {
  float32: [0.5, -2.25, 3e8, 0, 1 / 3],
  float64: [0.1, -1e300, 5e-324, 0, 1 / 3],
  int32: [-(2 ** 31), 2 ** 31 - 1, 0, 7],
  int64: [2n ** 62n + 1n, -(2n ** 63n), 0n, 7n],
  bool: [1, 0, 0],
};
const TEXTS = [[97, 98], [], [0], [255, 254, 10]].map((bytes) => Uint8Array.from(bytes));
const SHAPES = [[], [5], [2, 3], [0], [3, 0, 2], [1, 1]];

/** Makes a tensor that repeats the samples of its dtype. */
function sample(dtype: DType, shape: readonly number[], from: number): Tensor {
  const samples = SAMPLES[dtype];
  const count = numElements(shape);
  const pick = <T>(of: readonly T[]) => Array.from({ length: count }, (_, i) => of[(from + i) % of.length] as T);
  if (samples === undefined) return makeTensor(dtype, shape, pick(TEXTS));
  return toTensor(pick(samples) as number[], dtype, shape);
}

interface Model {
  readonly graph: Graph;
  readonly values: ReadonlyMap<Variable, Tensor>;
}

/** Makes a graph with a variable for each value. */
function model(
  values: Readonly<Record<string, Tensor>>,
  useResource: boolean,
  devices: readonly string[] = [""],
): Model {
  const graph = new Graph();
  const made = Object.entries(values).map(([name, value], i) =>
    graph.withDevice(
      devices[i % devices.length] ?? "",
      () => [variableOf(graph, name, value, { useResource }), value] as const,
    ),
  );
  return { graph, values: new Map(made) };
}

/** Saves variables, and restores them in a session in which they are not initialized. */
async function roundTrip(bench: BuilderBench, { graph, values }: Model, options: BuildOptions, varList?: VarList) {
  const saver = bench.build(graph, varList ?? [...values.keys()], options);
  const session = await bench.openInitialized(graph, values.keys());
  const path = await bench.save(session, saver, bench.path("model"));
  const fresh = bench.open(graph);
  await bench.restore(fresh, saver, path);
  await bench.ensureValues(fresh, values, "restored");
  await bench.ensureValues(session, values, "after saving");
}

const bothKinds = [
  ["reference", false],
  ["resource", true],
] as const;

const dtypeCases = ([...Object.keys(SAMPLES), "string"] as DType[]).flatMap((dtype) =>
  bothKinds.map(
    ([kind, useResource]): BuilderCase => [
      `restores ${dtype} ${kind} variables of every shape`,
      async (bench) => {
        const tensors = SHAPES.map((shape, i) => [`v${i}`, sample(dtype, shape, i)]);
        await roundTrip(bench, model(Object.fromEntries(tensors), useResource), {});
      },
    ],
  ),
);

const many = () => Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`v${i}`, numbers(2, 2 * i + 1)]));
const mixed = () => ({ f: numbers(3), i: sample("int64", [2], 0), s: sample("string", [4], 0), z: numbers(3, 5) });

const manyCases = bothKinds.flatMap(([kind, useResource]): BuilderCase[] => [
  [
    `restores the right value to each of many ${kind} variables`,
    (bench) => roundTrip(bench, model(many(), useResource), {}),
  ],
  [
    `restores ${kind} variables of several dtypes from shards`,
    (bench) => roundTrip(bench, model(mixed(), useResource, ["", "/device:CPU:0"]), { sharded: true }),
  ],
  [
    `restores many ${kind} variables from several shards, or one`,
    async (bench) => {
      await roundTrip(bench, model(many(), useResource, ["/device:CPU:0", "", ""]), { sharded: true });
      await roundTrip(bench, model({ only: numbers(2) }, useResource), { sharded: true });
    },
  ],
  [
    `restores ${kind} variables one after another with restoreSequentially`,
    (bench) => roundTrip(bench, model(mixed(), useResource), { restoreSequentially: true }),
  ],
  [
    `restores ${kind} variables to another shape with reshape`,
    async (bench) => {
      const from = model({ a: numbers(6), b: numbers(4, 7, [2, 2]) }, useResource);
      const session = await bench.openInitialized(from.graph, from.values.keys());
      const saver = bench.build(from.graph, [...from.values.keys()], { reshape: true });
      const path = await bench.save(session, saver, bench.path("model"));
      const to = model({ a: numbers(6, 1, [2, 3]), b: numbers(4, 7) }, useResource);
      const fresh = bench.open(to.graph);
      await bench.restore(fresh, bench.build(to.graph, [...to.values.keys()], { reshape: true }), path);
      await bench.ensureValues(fresh, to.values, "reshaped");
    },
  ],
  [
    `saves partitioned ${kind} variables as one tensor, and restores it to other partitions, or whole`,
    async (bench) => {
      const whole = numbers(21, 1, [7, 3]);
      const parts = (graph: Graph, partitions: number) =>
        PartitionedVariable.create(whole, { graph, name: "p", partitions, useResource });
      const valuesOf = (variable: PartitionedVariable) =>
        new Map(variable.parts.map((part) => [part, pieceOf(part, whole)]));
      const graph = new Graph();
      const inThree = parts(graph, 3);
      const session = await bench.openInitialized(graph, inThree);
      const path = await bench.save(session, bench.build(graph, [inThree]), bench.path("parts"));

      const other = new Graph();
      const inTwo = parts(other, 2);
      const fresh = bench.open(other);
      await bench.restore(fresh, bench.build(other, { p: inTwo }), path);
      await bench.ensureValues(fresh, valuesOf(inTwo), "restored in other parts");

      const third = model({ p: whole }, useResource);
      const last = bench.open(third.graph);
      const saver = bench.build(third.graph, [...third.values.keys()]);
      await bench.restore(last, saver, path);
      await bench.ensureValues(last, third.values, "restored as a whole");
      const again = await bench.save(last, saver, bench.path("whole"));

      const slices = bench.open(graph);
      // The slices one by one, as in a collection.
      await bench.restore(slices, bench.build(graph, [...inThree]), again);
      await bench.ensureValues(slices, valuesOf(inThree), "restored slice by slice");
    },
  ],
]);

/** Returns the rows of a matrix that a partition holds. */
function pieceOf(part: Variable, whole: Tensor): Tensor {
  const { varOffset = [], varShape = [] } = part.saveSliceInfo ?? {};
  const columns = whole.shape[1] as number;
  const [start = 0, length = 0] = [varOffset[0], varShape[0]];
  const data = (whole.data as Float32Array).slice(start * columns, (start + length) * columns);
  return makeTensor("float32", [length, columns], data);
}

/** Cases for the values that are restored. */
export const valueCases: readonly BuilderCase[] = [
  ...dtypeCases,
  ...manyCases,
  [
    "several checkpoints keep their values, and restoring overwrites the variable",
    async (bench) => {
      const { graph, values } = model({ v: numbers(2) }, false);
      const [variable] = [...values.keys()] as [Variable];
      const saver = bench.build(graph, [variable]);
      const session = await bench.openInitialized(graph, [variable]);
      const saved: [string, Tensor][] = [];
      for (const step of [1, 2, 3]) {
        const value = numbers(2, 3 * step);
        await variable.load(value, session);
        saved.push([await bench.save(session, saver, bench.path(`model-${step}`)), value]);
      }
      for (const [path, value] of [...saved, ...saved]) {
        await bench.restore(session, saver, path);
        await bench.ensureValues(session, new Map([[variable, value]]), `restored from ${path}`);
      }
    },
  ],
  [
    "saving returns the path that was fed, with and without shards",
    async (bench) => {
      const { graph, values } = model({ v: numbers(2), w: numbers(1, 5) }, false, ["", "/device:CPU:0"]);
      const session = await bench.openInitialized(graph, values.keys());
      for (const sharded of [false, true]) {
        const saver = bench.build(graph, [...values.keys()], { sharded });
        const path = bench.path(`model-${sharded}`);
        const saved = await bench.save(session, saver, path);
        // For V1 shards, the saved path is a pattern that matches their names.
        if (sharded && saver.version === 1) ensure(saved.startsWith(path), `${saved} does not begin with ${path}`);
        else ensureEqual(saved, path, "the saved path");
      }
    },
  ],
  [
    "uses the `filename` option if no path is fed",
    async (bench) => {
      const { graph, values } = model({ v: numbers(2) }, false);
      const filename = bench.path("default");
      const saver = bench.build(graph, [...values.keys()], { filename });
      const session = await bench.openInitialized(graph, values.keys());
      await session.run(graph.output(saver.saveTensorName));
      const fresh = bench.open(graph);
      await fresh.run(graph.operation(saver.restoreOpName));
      await bench.ensureValues(fresh, values, "restored");
    },
  ],
];
