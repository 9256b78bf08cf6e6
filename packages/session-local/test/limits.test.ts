import { type DType, makeTensor, type Tensor } from "@tfsaver/core";
import { attr, constant, Graph, type Output, placeholder } from "@tfsaver/graph";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, test } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { LocalSession, type RunLimits, STRING_ELEMENTS } from "../src/index.js";
import { assign, operation, restoreOpOf, saveOp, variable } from "./graphs.js";

const only = (outputs: readonly Output[]) => outputs[0] as Output;

function fill(graph: Graph, count: number, value: number | string): Output {
  const inputs = [constant(Int32Array.of(count), { graph }), constant(value, { graph })];
  const attrs = { T: attr.type(inputs[1]?.dtype as DType), index_type: attr.type("int32") };
  return only(graph.createOperation("Fill", { inputs, attrs, name: "fill" }).outputs);
}

function runFill(count: number, value: number | string, limits: RunLimits, confine?: object): Promise<Tensor> {
  const graph = new Graph();
  return new LocalSession(graph, { limits }).run(fill(graph, count, value), {}, { confine });
}

describe("limits of a session", () => {
  test.each<[keyof RunLimits, number, number | string]>([
    ["bytes", 4000, 1],
    ["elements", 1000, 1],
    ["elements", 1000 * STRING_ELEMENTS, "a"],
    ["steps", 10_000, 1],
  ])("on %s are options, for confined and free runs", async (resource, enough, value) => {
    // The constants of the operation take a little, too.
    const small = { elements: 2 * STRING_ELEMENTS }[resource as string] ?? 500;
    for (const confine of [undefined, {}]) {
      expect((await runFill(1000, value, { [resource]: enough + small }, confine)).shape).toEqual([1000]);
      const error = await rejection(runFill(1000, value, { [resource]: enough / 100 }, confine));
      expect(error).toMatchObject({
        kind: "ResourceExhaustedError",
        op: "fill",
        message: expect.stringContaining(`limits.${resource}`),
      });
    }
  });

  test("must be numbers", () => {
    for (const bytes of [-1, Number.NaN, "1 GiB"]) {
      expect(() => new LocalSession(new Graph(), { limits: { bytes: bytes as number } })).toThrow(
        "limits.bytes must be a number of bytes of memory from 0 on",
      );
    }
  });

  test("don't count what a run is given: variables, feeds, and what it reads", async () => {
    const graph = new Graph();
    const storage = new MemoryStorage();
    const size = 100_000;
    const v = variable(graph, "v", "float32", [size]);
    const set = assign(v, constant(new Float32Array(size), { graph }));
    const save = saveOp(graph, { v });
    const read = only(restoreOpOf(graph, ["v"], ["float32"]).outputs);
    const small = new LocalSession(graph, { storage, limits: { bytes: 100, elements: 100, steps: 100 } });
    const confine = { writes: "p" };
    await small.run(set);
    await small.run(save, { "prefix:0": "p" }, { confine });
    const negated = only(operation("Neg", "neg", [read]).outputs);
    expect((await small.run(negated, { "restore_prefix:0": "p" }, { confine })).shape).toEqual([size]);
    const sum = only(operation("AddV2", "sum", [v, v]).outputs);
    const tensor = makeTensor("float32", [size], new Float32Array(size).fill(1));
    expect((await small.run(sum, new Map([[v, tensor]]), { confine })).data[7]).toBe(2);
  });

  test("count the entries of tables, and grow with the tables that a session has", async () => {
    const graph = new Graph();
    const dtypes = { key_dtype: attr.type("string"), value_dtype: attr.type("string") };
    const handle = only(graph.createOperation("MutableHashTableV2", { attrs: dtypes }).outputs);
    const keys = placeholder("string", { graph, name: "keys" });
    const insert = graph.createOperation("LookupTableInsertV2", {
      inputs: [handle, keys, keys],
      attrs: { Tin: attr.type("string"), Tout: attr.type("string") },
    });
    const { outputs } = graph.createOperation("LookupTableExportV2", {
      inputs: [handle],
      attrs: { Tkeys: attr.type("string"), Tvalues: attr.type("string") },
    });
    const many = Array.from({ length: 5000 }, (_, i) => `key ${i}`);
    const limits = { elements: 100 * STRING_ELEMENTS };
    const session = new LocalSession(graph, { limits });
    await session.run(insert, new Map([[keys, many]]));
    const [exported] = await session.run(outputs, {}, { confine: {} });
    expect(exported?.shape).toEqual([5000]);
    const repeated = fill(graph, 5000, "a");
    const insertMany = graph.createOperation("LookupTableInsertV2", {
      inputs: [handle, repeated, repeated],
      attrs: { Tin: attr.type("string"), Tout: attr.type("string") },
    });
    expect(await rejection(new LocalSession(graph, { limits }).run(insertMany))).toMatchObject({
      kind: "ResourceExhaustedError",
    });
  });
});

describe("a long kernel", () => {
  /** Elements that take a kernel a quarter of a second or more. */
  const LONG = 2 ** 23;

  function randomNormals(graph: Graph): Output {
    const attrs = { dtype: attr.type("float32"), T: attr.type("int32"), seed: attr.int(1), seed2: attr.int(2) };
    const inputs = [constant(Int32Array.of(LONG), { graph })];
    return only(graph.createOperation("RandomStandardNormal", { inputs, attrs, name: "random" }).outputs);
  }

  test("lets other tasks run", async () => {
    const graph = new Graph();
    const ticks: number[] = [];
    const timer = setInterval(() => ticks.push(performance.now()), 1);
    const values = await new LocalSession(graph).run(randomNormals(graph));
    clearInterval(timer);
    expect(ticks.length).toBeGreaterThan(5);
    // The same numbers as in one piece: groups of four don't depend on the pieces.
    expect(Math.abs((values.data as Float32Array).reduce((sum, x) => sum + x, 0) / LONG)).toBeLessThan(0.01);
  });

  test("stops when the run is cancelled, and when the session is closed", async () => {
    const graph = new Graph();
    const normals = randomNormals(graph);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const started = performance.now();
    const running = new LocalSession(graph).run(normals, {}, { signal: controller.signal });
    expect(await rejection(running)).toMatchObject({ kind: "CancelledError", op: "random" });
    const session = new LocalSession(graph);
    setTimeout(() => void session.close(), 20);
    expect(await rejection(session.run(normals))).toMatchObject({ kind: "CancelledError", op: "random" });
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test("cuts a large part out of a tensor, piece by piece", async () => {
    const graph = new Graph();
    const [rows, columns] = [2048, 1024];
    const whole = constant(
      makeTensor(
        "int32",
        [1, rows, columns],
        Int32Array.from({ length: rows * columns }, (_, i) => i),
      ),
      { graph },
    );
    const inputs = [
      whole,
      constant(Int32Array.of(0, 3, 5), { graph }),
      constant(Int32Array.of(1, -1, 1000), { graph }),
    ];
    const attrs = { T: attr.type("int32"), Index: attr.type("int32") };
    const part = await new LocalSession(graph).run(only(graph.createOperation("Slice", { inputs, attrs }).outputs));
    expect(part.shape).toEqual([1, rows - 3, 1000]);
    const expected = (at: number) => (3 + Math.floor(at / 1000)) * columns + 5 + (at % 1000);
    for (const at of [0, 999, 1000, 1_234_567, part.data.length - 1]) expect(part.data[at]).toBe(expected(at));
  });

  test("that updates a variable loses no update of another run", async () => {
    const graph = new Graph();
    const size = 2 ** 21;
    const v = variable(graph, "v", "float32", [size]);
    const session = new LocalSession(graph);
    await session.run(assign(v, fill(graph, size, 0)));
    const one = fill(graph, size, 1);
    const adds = ["a", "b"].map((name) => operation("AssignAdd", name, [v, one]));
    await Promise.all(adds.map((add) => session.run(add)));
    expect((await session.run(v)).data[size - 1]).toBe(2);
  });
});

test.each<[pattern: string, text: string | Uint8Array, matches: boolean]>([
  // What TensorFlow's StaticRegexFullMatch says.
  ["(?P<n>a)", "a", true],
  ["\\Qa.b\\E", "a.b", true],
  [".", "\n", false],
  ["(?s).", "\n", true],
  ["a$", "a\n", false],
  ["a\\z", "a", true],
  ["(?m)^a$", "a", true],
  ["^.$", "😀", true],
  ["\\pN", "1", true],
  ["\\d", "٣", false],
  ["[[:alpha:]]+", "abc", true],
  ["\\x{1F600}", "😀", true],
  ["", "", true],
  ["(?i)k", "\u212a", true],
  [".", Uint8Array.of(0xff), false],
  [".*", Uint8Array.of(0x61, 0xff), false],
  ["[^a]", Uint8Array.of(0xff), false],
  ["\ufffd", Uint8Array.of(0xff), false],
])("the pattern %j matches %j as in TensorFlow: %s", async (pattern, text, matches) => {
  const graph = new Graph();
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const inputs = [constant(makeTensor("string", [], [bytes]), { graph })];
  const attrs = { pattern: attr.string(pattern) };
  const match = only(graph.createOperation("StaticRegexFullMatch", { inputs, attrs }).outputs);
  expect((await new LocalSession(graph).run(match)).data).toEqual(Uint8Array.of(matches ? 1 : 0));
});

test.each(["(?=a)b", "(a)\\1", "\\u0041", "[a", "a{2000}", "*", "\\8", "\\Z"])(
  "the pattern %j is refused, as in TensorFlow",
  async (pattern) => {
    const graph = new Graph();
    const attrs = { pattern: attr.string(pattern) };
    const match = graph.createOperation("StaticRegexFullMatch", { inputs: [constant("a", { graph })], attrs });
    expect(await rejection(new LocalSession(graph).run(match))).toMatchObject({
      kind: "InvalidArgumentError",
      message: expect.stringContaining(`Invalid pattern: ${pattern}, error: `),
    });
  },
);
