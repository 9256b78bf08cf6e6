import { isCheckpointError, makeTensor, type Tensor, tensorStrings } from "@tfsaver/core";
import { attr, constant, Graph, type Output } from "@tfsaver/graph";
import { describe, expect, test } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { type Kernel, LocalResource, LocalSession } from "../src/index.js";
import { type Described, described, fixture } from "./meta-files.js";

interface ExpectedError {
  readonly error: string;
  readonly message: string;
}

/** Prints exported strings and int64s, sorted by key like the fixture. */
function sortedEntries([keys, values]: readonly Described[]): unknown[] {
  const texts = ({ strings_b64, bytes_b64 = "" }: Described) =>
    strings_b64 ?? Buffer.from(bytes_b64, "base64").toString("hex").match(/.{16}/g) ?? [];
  if (keys === undefined || values === undefined) return [];
  const found = texts(values);
  return [
    keys.shape,
    values.shape,
    texts(keys)
      .map((key, i) => `${key} ${found[i]}`)
      .sort(),
  ];
}

test("tables behave like TensorFlow's, step by step", async () => {
  const { graph, expected } = fixture<Described[] | ExpectedError>("tables");
  const session = new LocalSession(graph);
  for (const [name, wanted] of Object.entries(expected)) {
    const op = graph.operation(name);
    const running = op.outputs.length > 0 ? session.run(op.outputs) : session.run(op).then(() => []);
    if (Array.isArray(wanted)) {
      const got = ((await running) as Tensor[]).map(described);
      if (op.type === "LookupTableExportV2") expect([name, sortedEntries(got)]).toEqual([name, sortedEntries(wanted)]);
      else expect([name, got]).toEqual([name, wanted]);
      continue;
    }
    const error = await running.catch((reason: unknown) => reason);
    if (!isCheckpointError(error)) throw new Error(`${name} should have failed: ${String(error)}`);
    expect(error).toMatchObject({ kind: wanted.error });
    expect(error.message).toBe(wanted.message);
  }
});

function table(graph: Graph, name: string, dtypes: readonly ["string" | "int64", "string" | "int64"]): Output {
  const attrs = { key_dtype: attr.type(dtypes[0]), value_dtype: attr.type(dtypes[1]) };
  return graph.createOperation("MutableHashTableV2", { name, attrs }).outputs[0] as Output;
}

describe("a table", () => {
  const strings = (graph: Graph, texts: string[]) => constant(texts, { graph, dtype: "string" });
  const dtypes = { Tin: attr.type("string"), Tout: attr.type("string") };

  function model() {
    const graph = new Graph();
    const handle = table(graph, "table", ["string", "string"]);
    const [keys, values] = [strings(graph, ["b", "a", "c"]), strings(graph, ["x", "y", "z"])];
    const insert = graph.createOperation("LookupTableInsertV2", { inputs: [handle, keys, values], attrs: dtypes });
    const exported = graph.createOperation("LookupTableExportV2", {
      inputs: [handle],
      attrs: { Tkeys: attr.type("string"), Tvalues: attr.type("string") },
    });
    return { graph, handle, insert, keys, values, exported: exported.outputs };
  }
  const texts = (tensor: Tensor | undefined) => tensorStrings(tensor as Tensor).map((b) => new TextDecoder().decode(b));

  test("returns its keys in the order of insertion", async () => {
    const { graph, insert, exported, keys, values } = model();
    const session = new LocalSession(graph);
    await session.run(insert);
    await session.run(
      insert,
      new Map([
        [keys, ["d", "b", "e"]],
        [values, ["1", "2", "3"]],
      ]),
    );
    const [names, numbers] = await session.run(exported);
    expect([texts(names), texts(numbers)]).toEqual([
      ["b", "a", "c", "d", "e"],
      ["2", "y", "z", "1", "3"],
    ]);
  });

  test("keeps its content when fed and fetched tensors change", async () => {
    const { graph, insert, exported, values } = model();
    const session = new LocalSession(graph);
    const fed = [1, 2, 3].map((byte) => Uint8Array.of(byte));
    await session.run(insert, new Map([[values, makeTensor("string", [3], fed)]]));
    for (const bytes of fed) bytes.fill(9);
    const [, first] = await session.run(exported);
    for (const bytes of tensorStrings(first as Tensor)) bytes.fill(8);
    const [, second] = await session.run(exported);
    expect(tensorStrings(second as Tensor)).toEqual([1, 2, 3].map((byte) => Uint8Array.of(byte)));
  });

  test("is empty in every new session", async () => {
    const { graph, insert, exported } = model();
    const session = new LocalSession(graph);
    await session.run(insert);
    const [keys] = await new LocalSession(graph).run(exported);
    expect(keys?.shape).toEqual([0]);
    await session.close();
    expect(await rejection(session.run(exported))).toMatchObject({ kind: "RuntimeError" });
  });

  test("is not a tensor, and a variable is not a table", async () => {
    const { graph, handle } = model();
    const session = new LocalSession(graph);
    expect(await rejection(session.run(handle))).toMatchObject({ kind: "InvalidArgumentError" });
    const attrs = { dtype: attr.type("float32"), shape: attr.shape([]) };
    const variable = graph.createOperation("VarHandleOp", { attrs }).outputs[0] as Output;
    const size = graph.createOperation("LookupTableSizeV2", { inputs: [variable] });
    expect(await rejection(session.run(size))).toMatchObject({
      kind: "InvalidArgumentError",
      message: expect.stringContaining("must be a handle of a HashTable"),
    });
  });

  test("can't have two kinds of dtypes", async () => {
    const { graph } = model();
    const shared = (key: "string" | "int64") =>
      graph.createOperation("MutableHashTableV2", {
        attrs: { key_dtype: attr.type(key), value_dtype: attr.type("int64"), shared_name: attr.string("S") },
      });
    const session = new LocalSession(graph);
    await session.run(shared("string"));
    // TensorFlow's own wording.
    expect(await rejection(session.run(shared("int64")))).toMatchObject({
      kind: "InvalidArgumentError",
      message: expect.stringContaining("Conflicting key/value dtypes int64->int64 with string-int64 for table S"),
    });
  });

  test("of unsupported dtypes is refused", async () => {
    const graph = new Graph();
    const attrs = { key_dtype: attr.type("float32"), value_dtype: attr.type("int64") };
    const op = graph.createOperation("MutableHashTableV2", { attrs });
    expect(await rejection(new LocalSession(graph).run(op))).toMatchObject({ kind: "InvalidArgumentError" });
  });
});

test("operations share a custom resource by name", async () => {
  class Counter extends LocalResource {
    count = 0n;
  }
  const counter: Kernel = (call) => {
    const key = { container: "", name: call.attributes.string("shared_name") };
    return call.resourceOf(Counter, key, () => new Counter(key));
  };
  const next: Kernel = (call) => makeTensor("int64", [], BigInt64Array.of(++call.resource(0, Counter).count));
  const graph = new Graph();
  const add = (shared: string) => {
    const handle = graph.createOperation("Counter", { attrs: { shared_name: attr.string(shared) } }).findOutput(0);
    return graph.createOperation("Next", { inputs: [handle as Output] }).findOutput(0) as Output;
  };
  const [a, b, again] = [add("a"), add("b"), add("a")];
  const session = new LocalSession(graph, { kernels: { Counter: counter, Next: next } });
  const counts = [];
  for (const output of [a, b, again, a]) counts.push((await session.run(output)).data[0]);
  expect(counts).toEqual([1n, 1n, 2n, 3n]);
});

test("a table has its old content in a snapshot, and a new one in the session", async () => {
  const graph = new Graph();
  const handle = table(graph, "table", ["int64", "int64"]);
  const dtypes = { Tin: attr.type("int64"), Tout: attr.type("int64") };
  const one = (value: bigint) => constant([value], { graph });
  const set = (key: bigint, value: bigint) =>
    graph.createOperation("LookupTableInsertV2", { inputs: [handle, one(key), one(value)], attrs: dtypes });
  const replace = graph.createOperation("LookupTableImportV2", { inputs: [handle, one(9n), one(90n)], attrs: dtypes });
  const attrs = { Tkeys: attr.type("int64"), Tvalues: attr.type("int64") };
  const exported = graph.createOperation("LookupTableExportV2", { inputs: [handle], attrs }).outputs;
  const [first, second] = [set(1n, 10n), set(2n, 20n)];
  const session = new LocalSession(graph);
  await session.run(first);
  const snapshot = session.snapshot();
  await session.run(second);
  const late = session.snapshot();
  await session.run(replace);
  const entriesIn = async (source: Pick<LocalSession, "run">) =>
    ((await source.run(exported)) as Tensor[]).map(({ data }) => [...(data as BigInt64Array)]);
  expect(await entriesIn(snapshot)).toEqual([[1n], [10n]]);
  expect(await entriesIn(late)).toEqual([
    [1n, 2n],
    [10n, 20n],
  ]);
  expect(await entriesIn(session)).toEqual([[9n], [90n]]);
});
