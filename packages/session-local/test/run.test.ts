import { makeTensor } from "@tfsaver/core";
import {
  constant,
  Graph,
  group,
  identity,
  type Operation,
  type Output,
  placeholder,
  placeholderWithDefault,
  Variable,
} from "@tfsaver/graph";
import { describe, expect, test } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { LocalSession } from "../src/index.js";
import { assign, floats, operation, variable } from "./graphs.js";

/** A session that records the operations of type `Tick` that ran. */
function ticking(graph: Graph) {
  const ran: string[] = [];
  const tick = (name: string, inputs: readonly Output[] = [], controlInputs: readonly Operation[] = []) =>
    graph.createOperation("Tick", { name, inputs, controlInputs });
  const session = new LocalSession(graph, {
    kernels: {
      Tick: ({ op }) => {
        ran.push(op.name);
      },
    },
  });
  return { ran, tick, session };
}

describe("a fetch", () => {
  test("can be a name, an output, an operation or a variable of either kind", async () => {
    const graph = new Graph();
    const two = constant(2, { graph, name: "two" });
    const ref = Variable.create([1, 2], { graph, name: "ref" });
    const resource = Variable.create([3, 4], { graph, name: "resource", useResource: true });
    const init = group([ref.initializer, resource.initializer], { name: "init" });
    const session = new LocalSession(graph);

    expect(await session.run(init)).toBeNull();
    expect(await session.run("init")).toBeNull();
    expect(await session.run("two:0")).toEqual(makeTensor("float32", [], Float32Array.of(2)));
    expect(await session.run("two")).toBeNull();
    expect(await session.run(["two:0", two, two.op, ref, resource, "ref:0", "init"])).toEqual([
      makeTensor("float32", [], Float32Array.of(2)),
      makeTensor("float32", [], Float32Array.of(2)),
      null,
      floats(1, 2),
      floats(3, 4),
      floats(1, 2),
      null,
    ]);
    expect(await session.run([])).toEqual([]);
  });

  test.each([
    ["nope:0", "Argument `fetch` = nope:0 cannot be interpreted as a Tensor."],
    ["nope", "The name 'nope' refers to an Operation not in the graph."],
    ["two:7", "The name 'two:7' refers to a Tensor which does not exist"],
    ["::", "is not the name of a tensor"],
  ])("must be in the graph: %s", async (name, message) => {
    const graph = new Graph();
    constant(2, { graph, name: "two" });
    const error = await rejection(new LocalSession(graph).run(name));
    expect(error).toMatchObject({ kind: "ValueError", message: expect.stringContaining(message) });
  });

  test("must be of the same graph", async () => {
    const other = constant(2, { graph: new Graph(), name: "other" });
    const error = await rejection(new LocalSession(new Graph()).run(other));
    expect(error).toMatchObject({
      kind: "ValueError",
      message: expect.stringContaining("not an element of this graph"),
    });
  });

  test.each([null, undefined, 5, {}])("can't be %s", async (fetch) => {
    await expect(new LocalSession(new Graph()).run(fetch as never)).rejects.toThrow(TypeError);
  });
});

describe("a feed", () => {
  function graphWithPlaceholders() {
    const graph = new Graph();
    const p = placeholder("float32", { graph, name: "p", shape: [2, -1] });
    const any = placeholder("int32", { graph, name: "any" });
    const d = placeholderWithDefault(constant([1, 2], { graph }), [2], { name: "d" });
    return { p, any, d, session: new LocalSession(graph) };
  }

  test("replaces an output, by output, variable or name, converted to its dtype", async () => {
    const { p, any, d, session } = graphWithPlaceholders();
    expect(await session.run(d)).toEqual(floats(1, 2));
    expect(await session.run(d, { "d:0": [5, 6] })).toEqual(floats(5, 6));
    expect(
      await session.run(
        [p, any],
        new Map<Output, number[] | number[][]>([
          [p, [[1], [2]]],
          [any, [7]],
        ]),
      ),
    ).toEqual([makeTensor("float32", [2, 1], Float32Array.of(1, 2)), makeTensor("int32", [1], Int32Array.of(7))]);
    const fed = await session.run(p, { "p:0": makeTensor("float32", [2, 0], new Float32Array()) });
    expect(fed.shape).toEqual([2, 0]);
  });

  test("can replace a variable without changing its value", async () => {
    const graph = new Graph();
    for (const useResource of [false, true]) {
      const v = Variable.create([1, 2], { graph, useResource });
      const session = new LocalSession(graph);
      await session.run(v.initializer);
      expect(await session.run(v, new Map([[v, [7, 8]]]))).toEqual(floats(7, 8));
      expect(await session.run(v)).toEqual(floats(1, 2));
    }
  });

  test("keeps the operation that computes it from running", async () => {
    const graph = new Graph();
    const { ran, tick, session } = ticking(graph);
    const before = tick("before");
    const value = graph.withControlDependencies([before], () => constant([1], { graph, name: "value" }));
    await session.run(identity(value), { "value:0": [2] });
    expect(ran).toEqual([]);
    await session.run(identity(value));
    expect(ran).toEqual(["before"]);
  });

  test("can be a placeholder that operations wait for", async () => {
    const graph = new Graph();
    const p = placeholder("float32", { graph, name: "p" });
    const after = graph.createOperation("NoOp", { controlInputs: [p.op] });
    expect(await new LocalSession(graph).run(after, { "p:0": 1 })).toBeNull();
  });

  // The messages are those of TensorFlow 2.21.
  test.each([
    ["p:0", [1, 2, 3], "ValueError", "Cannot feed value of shape (3,) for Tensor p:0, which has shape (2, None)"],
    ["p:0", [[1, 2, 3]], "ValueError", "Cannot feed value of shape (1, 3) for Tensor p:0, which has shape (2, None)"],
    ["d:0", 1, "ValueError", "Cannot feed value of shape () for Tensor d:0, which has shape (2,)"],
    ["p:0", "text", "InvalidArgumentError", "Cannot feed Tensor p:0: Cannot use text as float32"],
    ["p:0", makeTensor("int32", [2, 1], Int32Array.of(1, 2)), "InvalidArgumentError", "Cannot feed Tensor p:0: "],
    ["nope:0", 1, "ValueError", "Cannot interpret feed_dict key as Tensor: The name 'nope:0' refers to a Tensor which"],
    ["p", 1, "ValueError", "Cannot interpret feed_dict key as Tensor: 'p' is not the name of a tensor"],
  ] as const)("must fit: %s = %j", async (key, value, kind, message) => {
    const { session } = graphWithPlaceholders();
    const error = await rejection(session.run([], { [key]: value }));
    expect(error).toMatchObject({ kind, message: expect.stringContaining(message) });
  });

  test("must have a key and a value", async () => {
    const { session, p } = graphWithPlaceholders();
    await expect(session.run([], { "p:0": undefined as never })).rejects.toThrow(TypeError);
    await expect(session.run([], new Map([[3 as never, 1]]))).rejects.toThrow(TypeError);
    const other = new LocalSession(new Graph());
    expect(await rejection(other.run([], new Map([[p, 1]])))).toMatchObject({ kind: "ValueError" });
  });

  test.each([
    [placeholder("float32", { graph: new Graph(), name: "p", shape: [2, -1] }), "'p' with dtype float and shape [2,?]"],
    [placeholder("float64", { graph: new Graph(), name: "x" }), "'x' with dtype double"],
    [placeholder("int64", { graph: new Graph(), name: "s", shape: [] }), "'s' with dtype int64"],
  ])("is required by a placeholder", async (output, message) => {
    const error = await rejection(new LocalSession(output.graph).run(identity(output)));
    const { name } = output.op;
    expect(error).toMatchObject({
      kind: "InvalidArgumentError",
      op: name,
      message: `You must feed a value for placeholder tensor ${message}\n\t [[{{node ${name}}}]]`,
    });
  });
});

describe("an operation", () => {
  test("runs once, after its inputs and control inputs", async () => {
    const graph = new Graph();
    const { ran, tick, session } = ticking(graph);
    const first = tick("first");
    const value = constant(1, { graph, name: "value" });
    value.op.setControlInputs([first]);
    const second = tick("second", [value], [first]);
    tick("unneeded");
    await session.run([second, first, second, tick("third", [], [second, first])]);
    expect(ran).toEqual(["first", "second", "third"]);
  });

  test("is found after the graph has grown", async () => {
    const graph = new Graph();
    const a = constant(1, { graph, name: "a" });
    const session = new LocalSession(graph);
    await session.run(a);
    operation("Add", "sum", [a, constant(41, { graph })]);
    expect((await session.run("sum:0")).data).toEqual(Float32Array.of(42));
  });

  test("is planned anew when its inputs or control inputs change", async () => {
    const graph = new Graph();
    const { ran, tick, session } = ticking(graph);
    const [first, second] = [tick("first"), tick("second")];
    const [one, two] = [constant(1, { graph }), constant(2, { graph })];
    const sum = operation("Add", "sum", [one, one]);
    sum.setControlInputs([first]);
    const run = async () => (await session.run("sum:0")).data[0];
    expect([await run(), await run()]).toEqual([2, 2]);
    sum.setInputs([one, two]);
    sum.setControlInputs([second]);
    expect(await run()).toBe(3);
    expect(ran).toEqual(["first", "first", "second"]);
  });

  test("can be nested 100,000 deep", async () => {
    const graph = new Graph();
    let at = constant(1, { graph });
    for (let i = 0; i < 50_000; i++) at = identity(at);
    let last = at.op;
    for (let i = 0; i < 50_000; i++) last = graph.createOperation("NoOp", { controlInputs: [last] });
    expect(await new LocalSession(graph).run([at, last])).toEqual([
      makeTensor("float32", [], Float32Array.of(1)),
      null,
    ]);
  });

  test("can't wait for itself", async () => {
    const graph = new Graph();
    const [a, b] = [graph.createOperation("NoOp", { name: "a" }), graph.createOperation("NoOp", { name: "b" })];
    a.setControlInputs([b]);
    b.setControlInputs([a]);
    expect(await rejection(new LocalSession(graph).run(a))).toMatchObject({ kind: "InvalidArgumentError" });
  });

  test("can't be made to wait for itself later either", async () => {
    const graph = new Graph();
    const { ran, tick, session } = ticking(graph);
    const [a, b] = [tick("a"), tick("b")];
    b.setControlInputs([a]);
    await session.run(b);
    a.setControlInputs([b]);
    for (let i = 0; i < 3; i++) expect(await rejection(session.run(b))).toMatchObject({ kind: "InvalidArgumentError" });
    expect(ran).toEqual(["a", "b"]);
  });

  test("fails without a kernel, before anything runs", async () => {
    const graph = new Graph();
    const v = variable(graph, "v", "float32", []);
    const set = assign(v, 1);
    const odd = graph.createOperation("Frobnicate", { name: "odd", controlInputs: [set] });
    const session = new LocalSession(graph);
    expect(await rejection(session.run(odd))).toMatchObject({
      kind: "UnimplementedError",
      op: "odd",
      message: expect.stringMatching(/'odd' of type Frobnicate/),
    });
    expect(await rejection(session.run(v))).toMatchObject({ kind: "FailedPreconditionError" });
    await session.run(set);
    expect((await session.run(v)).data).toEqual(Float32Array.of(1));
  });
});

describe("the end", () => {
  test("a closed session runs nothing, and can be closed again", async () => {
    const graph = new Graph();
    constant(1, { graph, name: "one" });
    const session = new LocalSession(graph);
    await session.close();
    await session.close();
    expect(await rejection(session.run("one:0"))).toMatchObject({
      kind: "RuntimeError",
      message: "Attempted to use a closed Session.",
    });
  });

  test("closing ends a waiting run", async () => {
    const graph = new Graph();
    const session = new LocalSession(graph, { kernels: { Wait: () => new Promise((resolve) => setTimeout(resolve)) } });
    const running = session.run(graph.createOperation("Wait", { name: "wait" }));
    await session.close();
    expect(await rejection(running)).toMatchObject({ kind: "CancelledError", op: "wait" });
  });

  test("an aborted signal ends a run before the next operation", async () => {
    const graph = new Graph();
    const { ran, tick } = ticking(graph);
    const controller = new AbortController();
    const session = new LocalSession(graph, {
      kernels: { Stop: () => controller.abort(), Tick: () => void ran.push("") },
    });
    const after = tick("after", [], [graph.createOperation("Stop", { name: "stop" })]);
    const options = { signal: controller.signal };
    expect(await rejection(session.run(after, {}, options))).toMatchObject({ kind: "CancelledError", op: "after" });
    expect(ran).toEqual([]);
    expect(await rejection(session.run(after, {}, options))).toMatchObject({ kind: "CancelledError" });
  });
});
