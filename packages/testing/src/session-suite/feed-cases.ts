import { ALL_DTYPES, type DType, dtypeInfo, makeTensor, type Tensor, type TensorLike, toTensor } from "@tfsaver/core";
import {
  constant,
  type Feeds,
  Graph,
  identity,
  type Output,
  placeholder,
  placeholderWithDefault,
  Variable,
} from "@tfsaver/graph";
import { ensureEqual, ensureRejects } from "../assertions.js";
import type { BuilderBench } from "../builder-suite/builder-bench.js";
import { counter, echo, ensureTensor, numberOf, sample } from "./sample-graphs.js";
import type { SessionCase } from "./session-case.js";

const SHAPES = [[], [1], [5], [2, 3], [0], [3, 0, 2]];

/** Dtypes that have values, as opposed to handles of resources of a session. */
const DTYPES = ALL_DTYPES.filter((dtype) => dtype === "string" || dtypeInfo(dtype).size > 0);

const floats = (...values: number[]) => toTensor(values, "float32");

async function ensureEcho(bench: BuilderBench, dtype: DType, values: readonly Tensor[]): Promise<void> {
  const { graph, input, output } = echo(dtype);
  const session = bench.open(graph);
  for (const value of values) {
    ensureTensor(await session.run(output, new Map([[input, value]])), value, `${dtype} of shape [${value.shape}]`);
  }
}

const dtypeCases = DTYPES.map(
  (dtype): SessionCase => [
    `feeds and fetches ${dtype} tensors of every shape`,
    (bench) =>
      ensureEcho(
        bench,
        dtype,
        SHAPES.map((shape, i) => sample(dtype, shape, i)),
      ),
  ],
);

/** Cases for feeds. */
export const feedCases: readonly SessionCase[] = [
  ...dtypeCases,
  [
    "feeds and fetches extreme numbers exactly",
    async (bench) => {
      const doubles = Float64Array.of(0, -0, Number.NaN, Number.POSITIVE_INFINITY, -5e-324, Number.MAX_VALUE);
      await ensureEcho(bench, "float64", [makeTensor("float64", [6], doubles)]);
      const signed = BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n);
      await ensureEcho(bench, "int64", [makeTensor("int64", [3], signed)]);
      await ensureEcho(bench, "uint64", [makeTensor("uint64", [1], BigUint64Array.of(2n ** 64n - 1n))]);
    },
  ],
  [
    "feeds and fetches tensors of several megabytes",
    async (bench) => {
      const { graph, input, output } = echo("float32");
      const data = Float32Array.from({ length: 3 * 2 ** 20 }, (_, i) => i);
      const large = makeTensor("float32", [3, 2 ** 20], data);
      ensureTensor(await bench.open(graph).run(output, new Map([[input, large]])), large, "a tensor of 12 MiB");
    },
  ],
  [
    "accepts feeds by output, variable and name, in a Map or an object",
    async (bench) => {
      const graph = new Graph();
      const ref = Variable.create([1, 2], { graph, name: "ref" });
      const resource = Variable.create([3, 4], { graph, name: "resource", useResource: true });
      const given = placeholderWithDefault(constant([5, 6], { graph }), [2], { name: "given" });
      const all = [ref.snapshot, resource.snapshot, given].map((output) => identity(output));
      const session = await bench.openInitialized(graph, [ref, resource]);
      const values = async (feeds: Feeds) =>
        (await session.run(all, feeds)).map(({ data }) => [...(data as Float32Array)]);
      ensureEqual(
        await values({}),
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        "nothing fed",
      );
      const byThing = new Map<Output | Variable | string, TensorLike>([
        [resource, [7, 8]],
        [given, floats(9, 10)],
      ]);
      ensureEqual(
        await values(byThing),
        [
          [1, 2],
          [7, 8],
          [9, 10],
        ],
        "by variable and output",
      );
      ensureEqual(
        await values({ "given:0": [11, 12] }),
        [
          [1, 2],
          [3, 4],
          [11, 12],
        ],
        "by name",
      );
      ensureEqual(
        await values({}),
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        "afterwards",
      );
    },
  ],
  [
    "fetches a fed value",
    async (bench) => {
      const { graph, input, output } = echo("int32");
      const fed = sample("int32", [3]);
      const session = bench.open(graph);
      ensureTensor(await session.run(input, { "input:0": fed }), fed, "the placeholder alone");
      const [first, second] = await session.run([input, output], { "input:0": fed });
      ensureTensor(first, fed, "the placeholder");
      ensureTensor(second, fed, "the consumer of the placeholder");
    },
  ],
  [
    "does not run the operation that computes a fed value",
    async (bench) => {
      const graph = new Graph();
      const { variable, increment } = counter(graph, "count");
      const counted = identity(increment.outputs[0] as Output, { name: "counted" });
      const session = await bench.openInitialized(graph, [variable]);
      ensureEqual(
        numberOf(await session.run(identity(counted), { "counted:0": 40 })),
        40,
        "the consumer of the fed value",
      );
      ensureEqual(numberOf(await session.run(variable)), 0, "number of runs of the operation");
    },
  ],
  [
    "copies values: callers may write to fed and fetched tensors",
    async (bench) => {
      const graph = new Graph();
      const input = placeholder("float32", { graph, name: "input", shape: [2] });
      const variable = Variable.create([0, 0], { graph, name: "v" });
      const assign = variable.assign(input);
      const session = bench.open(graph);
      const data = Float32Array.of(1, 2);
      await session.run(assign, { "input:0": makeTensor("float32", [2], data) });
      data.fill(9);
      const fetched = await session.run(variable);
      ensureTensor(fetched, floats(1, 2), "after the fed memory was changed");
      (fetched.data as Float32Array).fill(9);
      ensureTensor(await session.run(variable), floats(1, 2), "after the fetched memory was changed");
    },
  ],
  [
    "refuses feeds with a wrong key, shape or dtype",
    async (bench) => {
      const graph = new Graph();
      const input = placeholder("float32", { graph, name: "input", shape: [2, -1] });
      const output = identity(input);
      const session = bench.open(graph);
      const run = (feeds: Feeds) => () => session.run(output, feeds);
      await ensureRejects(run({ "nope:0": 1 }), "ValueError", "feeding an unknown name");
      await ensureRejects(run({ input: 1 }), "ValueError", "feeding an operation");
      await ensureRejects(run({ "input:0": [1, 2] }), "ValueError", "feeding another rank");
      await ensureRejects(run({ "input:0": [[1], [2], [3]] }), "ValueError", "feeding another shape");
      await ensureRejects(run({ "input:0": "text" }), "InvalidArgumentError", "feeding text for numbers");
      const integers = makeTensor("int32", [2, 1], Int32Array.of(1, 2));
      await ensureRejects(run({ "input:0": integers }), "InvalidArgumentError", "feeding a tensor of another dtype");
      const lie = { dtype: "float32", shape: [2, 1], data: new Float32Array(3) } as const;
      await ensureRejects(run({ "input:0": lie }), "InvalidArgumentError", "feeding a tensor of another length");
      await ensureRejects(run({ "input:0": null as never }), "TypeError", "feeding nothing");
      const other = placeholder("float32", { graph: new Graph() });
      await ensureRejects(run(new Map([[other, 1]])), "ValueError", "feeding another graph's");
      const error = await ensureRejects(run({}), "InvalidArgumentError", "feeding no placeholder");
      ensureEqual(error.message.includes("input"), true, "the placeholder is named");
      ensureTensor(
        await session.run(output, { "input:0": [[1], [2]] }),
        toTensor([[1], [2]], "float32"),
        "a valid feed",
      );
    },
  ],
];
