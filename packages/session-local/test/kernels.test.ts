import { makeTensor, type Tensor, ValueError } from "@tfsaver/core";
import { attr, constant, Graph, type Operation, type Output } from "@tfsaver/graph";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, test } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { type Kernel, type KernelCall, LocalSession } from "../src/index.js";
import { assign, floats, handle, operation, read, variable } from "./graphs.js";

/** Adds an operation of a custom type. */
function custom(graph: Graph, inputs: readonly Output[] = [], name = "custom"): Operation {
  return graph.createOperation("Custom", { name, inputs, attrs: { factor: attr.int(3) } });
}

/** Runs a `Custom` operation with a kernel, and fetches its first two outputs. */
function runCustom(kernel: Kernel, inputs: (graph: Graph) => readonly Output[] = () => []) {
  const graph = new Graph();
  const op = custom(graph, inputs(graph));
  return new LocalSession(graph, { kernels: { Custom: kernel } }).run([
    graph.output(`${op.name}:0`),
    graph.output(`${op.name}:1`),
  ]);
}

const scale: Kernel = ({ inputs, attributes }) => {
  const factor = attributes.int("factor");
  return inputs.map(({ shape, data }) =>
    makeTensor(
      "float32",
      shape,
      (data as Float32Array).map((x) => x * factor),
    ),
  );
};

describe("a custom kernel", () => {
  test.each<[string, Kernel]>([
    ["at once", scale],
    ["later", async (call) => scale(call)],
  ])("computes outputs of inputs and attributes, %s", async (_, kernel) => {
    const inputs = (graph: Graph) => [constant([1, 2], { graph }), constant([5], { graph })];
    expect(await runCustom(kernel, inputs)).toEqual([floats(3, 6), floats(15)]);
  });

  test("belongs to one session, and can replace another kernel", async () => {
    const graph = new Graph();
    const neg = operation("Neg", "neg", [constant([1, 2], { graph })]).outputs[0] as Output;
    const session = new LocalSession(graph);
    const other = new LocalSession(graph, { kernels: { Neg: () => floats(7) } });
    expect(await session.run(neg)).toEqual(floats(-1, -2));
    session.registerKernel("Neg", () => floats(8));
    expect(await session.run(neg)).toEqual(floats(8));
    expect(await other.run(neg)).toEqual(floats(7));
    expect(await new LocalSession(graph).run(neg)).toEqual(floats(-1, -2));
  });

  test("can change variables of both kinds", async () => {
    const graph = new Graph();
    const a = variable(graph, "a", "float32", [1]);
    const r = handle(graph, "r", "float32", [1]);
    const double = custom(graph, [a, r]);
    const kernel: Kernel = (call) => {
      for (const index of [0, 1]) {
        const target = call.variable(index);
        const { data } = target.read();
        call.assign(target, floats(...(data as Float32Array).map((x) => 2 * x)));
      }
    };
    const session = new LocalSession(graph, { kernels: { Custom: kernel } });
    expect(await rejection(session.run(double))).toMatchObject({ kind: "FailedPreconditionError", op: "custom" });
    await session.run([assign(a, [1]), operation("AssignVariableOp", "set", [r, constant([5], { graph })])]);
    await session.run(double);
    expect(await session.run([a, read(graph, r, "float32", "read")])).toEqual([floats(2), floats(10)]);
  });

  test("can make a variable", async () => {
    const graph = new Graph();
    custom(graph);
    const kernel: Kernel = (call) => {
      const own = call.variableOf({ kind: "reference", container: "", name: "own" });
      if (own.value === undefined) call.assign(own, floats(1));
      return own;
    };
    const session = new LocalSession(graph, { kernels: { Custom: kernel } });
    expect(await session.run("custom:0")).toEqual(floats(1));
  });

  test("keeps state for an operation as long as the session", async () => {
    const graph = new Graph();
    const [one, two] = [custom(graph, [], "one"), custom(graph, [], "two")];
    const count: Kernel = (call) => {
      const state = call.state(() => ({ calls: 0 }));
      state.calls++;
      return floats(state.calls);
    };
    const session = new LocalSession(graph, { kernels: { Custom: count } });
    await session.run([one, two]);
    await session.run(one);
    expect(await session.run(["one:0", "two:0"])).toEqual([floats(3), floats(2)]);
  });

  test("can return a tensor that it keeps", async () => {
    const graph = new Graph();
    const kept = floats(1);
    custom(graph);
    const kernel: Kernel = (call) => {
      call.keep(kept);
      return kept;
    };
    const session = new LocalSession(graph, { kernels: { Custom: kernel } });
    ((await session.run("custom:0")).data as Float32Array)[0] = 99;
    expect(await session.run("custom:0")).toEqual(floats(1));
  });

  test("has the storage, the options of the run, and warnings", async () => {
    const graph = new Graph();
    const storage = new MemoryStorage();
    const warnings: string[] = [];
    const calls: Pick<KernelCall, "storage" | "signal" | "onProgress">[] = [];
    const session = new LocalSession(graph, {
      storage,
      onWarning: (message) => warnings.push(message),
      kernels: {
        Custom: (call) => {
          calls.push({ storage: call.storage, signal: call.signal, onProgress: call.onProgress });
          call.warn("careful");
        },
      },
    });
    const { signal } = new AbortController();
    const onProgress = () => undefined;
    await session.run(custom(graph), {}, { signal, onProgress });
    expect(calls).toEqual([{ storage, signal, onProgress }]);
    expect(warnings).toEqual(["careful"]);
  });

  test.each<[string, Kernel, object]>([
    [
      "one of this library's",
      () => {
        throw new ValueError("odd", { path: "file", tensor: "t" });
      },
      { kind: "ValueError", path: "file", tensor: "t", message: "odd\n\t [[{{node custom}}]]" },
    ],
    [
      "any other",
      async () => {
        throw new RangeError("odd");
      },
      { kind: "UnknownError", message: "RangeError: odd\n\t [[{{node custom}}]]", cause: new RangeError("odd") },
    ],
    ["a missing output", () => undefined, { kind: "InternalError" }],
    ["a missing input", (call) => call.input(0), { kind: "InvalidArgumentError" }],
    ["a tensor for a variable", (call) => void call.variable(0), { kind: "InvalidArgumentError" }],
  ])("fails with an error that names the operation: %s", async (_, kernel, expected) => {
    expect(await rejection(runCustom(kernel))).toMatchObject({ op: "custom", ...expected });
  });
});

test("a constant is decoded once, and again if it is replaced", async () => {
  const graph = new Graph();
  const c = constant([1, 2], { graph });
  const seen: Tensor[] = [];
  const session = new LocalSession(graph, { kernels: { Custom: (call) => void seen.push(call.input(0)) } });
  const look = custom(graph, [c]);
  await session.run(look);
  await session.run(look);
  expect(seen[1]).toBe(seen[0]);
  c.op.attrs.set("value", constant([3, 4], { graph }).op.attrs.get("value") as never);
  await session.run(look);
  expect(seen[2]).toEqual(floats(3, 4));
});
