import { type DType, makeTensor, type Progress, type Tensor, toTensor } from "@tfsaver/core";
import { attr, constant, Graph, identity, type Operation, type Output } from "@tfsaver/graph";
import { MemoryStorage, type ReadableFile, readFile } from "@tfsaver/storage";
import { describe, expect, test } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { LocalSession } from "../src/index.js";
import { assign, operation, restoreOp, restoreOpOf, saveOp, variable } from "./graphs.js";

/** Records where files are read. */
class TracingStorage extends MemoryStorage {
  readonly reads: [path: string, offset: number][] = [];
  readonly opened: string[] = [];

  override async open(path: string): Promise<ReadableFile> {
    const file = await super.open(path);
    this.opened.push(path);
    return {
      path,
      size: file.size,
      readInto: (offset, target, options) => {
        this.reads.push([path, offset]);
        return file.readInto(offset, target, options);
      },
      close: () => file.close(),
    };
  }
}

const constants = (graph: Graph, values: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, constant(value, { graph })]));

/** A store with a checkpoint `p` of these tensors. */
async function checkpointOf(values: Readonly<Record<string, Tensor>>, storage = new TracingStorage()) {
  const graph = new Graph();
  await new LocalSession(graph, { storage }).run(saveOp(graph, constants(graph, values)), { "prefix:0": "p" });
  return storage;
}

const DTYPES = (
  "float32 float64 float16 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool complex64 complex128 " +
  "qint8 quint8 qint16 quint16 qint32 float8_e5m2 float8_e4m3fn int4 uint4"
).split(" ") as DType[];

/** A tensor of three elements of a dtype. */
function sample(dtype: DType): Tensor {
  if (dtype.startsWith("float8")) return makeTensor(dtype, [3], Uint8Array.of(1, 2, 3));
  const lanes = dtype.startsWith("complex") ? 2 : 1;
  return toTensor([0, 1, 1, 0, 1, 1].slice(0, 3 * lanes), dtype, [3]);
}

test("every dtype is restored as it was saved", async () => {
  const values = Object.fromEntries([
    ...DTYPES.map((dtype) => [dtype, sample(dtype)]),
    [
      "string",
      toTensor([
        ["a", ""],
        ["bc", "ü"],
      ]),
    ],
    ["scalar", toTensor(3)],
    ["empty", makeTensor("int32", [0, 2], new Int32Array())],
  ]) as Record<string, Tensor>;
  const storage = await checkpointOf(values);
  const graph = new Graph();
  const dtypes = Object.fromEntries(Object.entries(values).map(([name, { dtype }]) => [name, dtype]));
  const restored = restoreOp(graph, dtypes).outputs;
  const fetched = await new LocalSession(graph, { storage }).run([...restored], { "restore_prefix:0": "p" });
  expect(Object.fromEntries(Object.keys(values).map((name, i) => [name, fetched[i]]))).toEqual(values);
});

describe("saving", () => {
  test("needs every variable's value, and otherwise writes nothing", async () => {
    const storage = new MemoryStorage();
    const graph = new Graph();
    const tensors = { a: constant(1, { graph }), b: variable(graph, "b", "float32", []) };
    const error = await rejection(new LocalSession(graph, { storage }).run(saveOp(graph, tensors)));
    expect(error).toMatchObject({
      kind: "FailedPreconditionError",
      op: "save",
      message: "Attempting to use uninitialized value b\n\t [[{{node save}}]]",
    });
    expect(await storage.list("/")).toEqual([]);
  });

  test("writes a part of a tensor, if it has the part's shape", async () => {
    const storage = new MemoryStorage();
    const graph = new Graph();
    const session = new LocalSession(graph, { storage });
    const part = constant([1, 2], { graph });
    const wrong = await rejection(session.run(saveOp(graph, { part }, ["4 0,3"])));
    expect(wrong).toMatchObject({ kind: "InvalidArgumentError", tensor: "part" });
    expect(wrong.message).toContain("does not match the shape of the tensor to  save: 4 0,3, tensor: [2]");
    await session.run(saveOp(graph, { part }, ["4 0,2"]), { "prefix:0": "sliced" });
  });

  test("needs one prefix, and as many names as tensors", async () => {
    const storage = new MemoryStorage();
    const graph = new Graph();
    const session = new LocalSession(graph, { storage });
    const save = saveOp(graph, { a: constant(1, { graph }) });
    expect(
      await rejection(session.run(save, { [(save.inputs[1] as Output).name]: ["a", "b"] } as never)),
    ).toMatchObject({
      kind: "ValueError",
    });
    const two = strings(graph, ["p", "q"]);
    const wrong = graph.createOperation("SaveV2", {
      name: "wrong",
      inputs: [two, ...save.inputs.slice(1)],
      attrs: { dtypes: attr.types(["float32"]) },
    });
    const message = "Input prefix should have a single element, got 2 instead.\n\t [[{{node wrong}}]]";
    expect(await rejection(session.run(wrong))).toMatchObject({ kind: "InvalidArgumentError", message });
    const names = graph.createOperation("SaveV2", {
      name: "names",
      inputs: [save.inputs[0], two, two, save.inputs[3]] as Output[],
      attrs: { dtypes: attr.types(["float32"]) },
    });
    expect((await rejection(session.run(names))).message).toContain("Got 2 tensor names");
  });

  test("writes the current values again and again", async () => {
    const graph = new Graph();
    const save = saveOp(graph, { a: constant([1, 2], { graph }), b: constant([3, 4], { graph }) });
    const storage = new MemoryStorage();
    const session = new LocalSession(graph, { storage });
    const [prefix, names, specs, a, b] = save.inputs as [Output, Output, Output, Output, Output];
    const parts = toTensor(["4 0,2", "4 2,2"]);
    const rounds: readonly (readonly [Map<Output, Tensor>, Readonly<Record<string, number[]>>])[] = [
      [new Map(), { a: [1, 2], b: [3, 4] }],
      [new Map([[a, toTensor([5, 6])]]), { a: [5, 6], b: [3, 4] }],
      [new Map([[names, toTensor(["c", "a"])]]), { a: [3, 4], c: [1, 2] }],
      [
        new Map([
          [names, toTensor(["d", "d"])],
          [specs, parts],
        ]),
        { d: [1, 2, 3, 4] },
      ],
      [new Map([[b, toTensor([7, 8])]]), { a: [1, 2], b: [7, 8] }],
    ];
    for (const [number, [feeds, expected]] of rounds.entries()) {
      const path = `p-${number}`;
      await session.run(save, new Map([...feeds, [prefix, toTensor(path)]]));
      const other = new Graph();
      const dtypes = Object.fromEntries(Object.keys(expected).map((name) => [name, "float32" as const]));
      const restored = restoreOp(other, dtypes).outputs;
      const values = await new LocalSession(other, { storage }).run([...restored], {
        "restore_prefix:0": path,
      });
      expect(values.map((value) => [...(value as Tensor).data])).toEqual(Object.values(expected));
    }
  });

  test("reports progress", async () => {
    const graph = new Graph();
    const tensors = { a: constant([1, 2], { graph }), b: constant("text", { graph }) };
    const told: Progress[] = [];
    const session = new LocalSession(graph, { storage: new MemoryStorage() });
    await session.run(saveOp(graph, tensors), {}, { onProgress: (progress) => told.push(progress) });
    expect(told).toEqual([
      { done: 8, total: 12, tensor: "a" },
      { done: 12, total: 12, tensor: "b" },
    ]);
  });

  test("fails with the storage's error and the operation's name if the storage can't write", async () => {
    const graph = new Graph();
    const save = saveOp(graph, { a: constant(1, { graph }) });
    const session = new LocalSession(graph, { storage: new MemoryStorage() });
    const error = await rejection(session.run(save, { "prefix:0": "no/such/place" }));
    expect(error).toMatchObject({ kind: "NotFoundError", op: "save", path: expect.stringContaining("no") });
  });
});

function strings(graph: Graph, texts: readonly string[]): Output {
  return constant(toTensor(texts, "string"), { graph });
}

describe("restoring", () => {
  const values = { a: toTensor([1, 2]), b: toTensor([3n]), c: toTensor("text") };

  async function restoring(op: (graph: Graph) => Operation) {
    const storage = await checkpointOf(values);
    const graph = new Graph();
    const restore = op(graph);
    const set = assign(variable(graph, "v", "float32", [2]), restore.outputs[0] as Output, "set");
    storage.reads.length = 0;
    storage.opened.length = 0;
    const session = new LocalSession(graph, { storage });
    return { storage, graph, restore, session, run: () => session.run(set, { "restore_prefix:0": "p" }) };
  }

  test("names the first missing key", async () => {
    const { storage, session, run } = await restoring((graph) =>
      restoreOp(graph, { a: "float32", zz: "float32", aa: "float32" }),
    );
    expect(await rejection(run())).toMatchObject({
      kind: "NotFoundError",
      op: "restore",
      tensor: "zz",
      message: "Key zz not found in checkpoint\n\t [[{{node restore}}]]",
    });
    expect(storage.reads.filter(([path]) => path.includes(".data"))).toEqual([]);
    expect(await rejection(session.run("v:0"))).toMatchObject({ kind: "FailedPreconditionError" });
  });

  test("names all wrong dtypes, and reads no data", async () => {
    const { storage, run } = await restoring((graph) => restoreOp(graph, { a: "int32", b: "int64", c: "float64" }));
    expect(await rejection(run())).toMatchObject({
      kind: "InvalidArgumentError",
      message:
        "tensor_name = a; expected dtype int32 does not equal original dtype float\n" +
        "tensor_name = c; expected dtype double does not equal original dtype string\n\t [[{{node restore}}]]",
    });
    expect(storage.reads.filter(([path]) => path.includes(".data"))).toEqual([]);
  });

  test("opens files once, and reads them from start to end", async () => {
    const { storage, run } = await restoring((graph) =>
      restoreOpOf(graph, ["a", "c", "b", "a"], ["float32", "string", "int64", "float32"]),
    );
    await run();
    expect(storage.opened.toSorted()).toEqual(["p.data-00000-of-00001", "p.index"]);
    const offsets = storage.reads.filter(([path]) => path.includes(".data")).map(([, offset]) => offset);
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
  });

  test("returns a tensor twice if it is requested twice", async () => {
    const { restore, session } = await restoring((graph) =>
      restoreOpOf(graph, ["b", "a", "b"], ["int64", "float32", "int64"]),
    );
    const fetched = await session.run([...restore.outputs], { "restore_prefix:0": "p" });
    expect(fetched).toEqual([values.b, values.a, values.b]);
  });

  test("reports progress", async () => {
    const { restore, session } = await restoring((graph) => restoreOp(graph, { b: "int64", a: "float32" }));
    const told: Progress[] = [];
    await session.run(restore, { "restore_prefix:0": "p" }, { onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)).toMatchObject({ done: 16, total: 16 });
    expect(told.map(({ tensor }) => tensor).toSorted()).toEqual(["a", "b"]);
  });

  test("stops when the signal is aborted", async () => {
    const { restore, session } = await restoring((graph) => restoreOp(graph, { a: "float32", b: "int64" }));
    const controller = new AbortController();
    const options = { signal: controller.signal, onProgress: () => controller.abort() };
    const error = await rejection(
      session.run([restore, identity(restore.outputs[0] as Output)], { "restore_prefix:0": "p" }, options),
    );
    expect(error).toMatchObject({ kind: "CancelledError" });
  });

  test("reads a part of a tensor if the full shape matches", async () => {
    const { run } = await restoring((graph) => restoreOpOf(graph, ["a"], ["float32"], ["3 0,1"]));
    const error = await rejection(run());
    expect(error).toMatchObject({ kind: "InvalidArgumentError", op: "restore" });
    expect(error.message).toContain(
      "tensor_name = a; shape in shape_and_slice spec [3] does not match the shape stored in checkpoint: [2]",
    );
  });

  test("fails if the checkpoint does not exist", async () => {
    const { restore, session } = await restoring((graph) => restoreOp(graph, { a: "float32" }));
    expect(await rejection(session.run(restore, { "restore_prefix:0": "q" }))).toMatchObject({
      kind: "NotFoundError",
      op: "restore",
      message: expect.stringContaining("Failed to find any matching files for q"),
    });
  });

  test("keeps the error of a damaged file, and adds the operation's name", async () => {
    const { storage, run } = await restoring((graph) => restoreOp(graph, { a: "float32" }));
    const data = await readFile(storage, "p.data-00000-of-00001");
    (data[0] as number) ^= 1;
    const file = await storage.create("p.data-00000-of-00001");
    await file.write([data]);
    await file.close();
    expect(await rejection(run())).toMatchObject({ kind: "DataLossError", op: "restore", path: expect.any(String) });
  });
});

describe("a sharded saver", () => {
  /** Two shards in a folder of their own, and the operation that merges them. */
  function sharded(attrs: Readonly<Record<string, ReturnType<typeof attr.bool>>> = {}) {
    const graph = new Graph();
    const text = (value: string) => constant(toTensor(value, "string"), { graph });
    const prefix = constant("unnamed", { graph, name: "prefix" });
    const part = graph.createOperation("StringJoin", {
      inputs: [prefix, text("_temp/part")],
      attrs: { N: attr.int(2) },
    });
    const scalar = (value: number) => constant(makeTensor("int32", [], Int32Array.of(value)), { graph });
    const shards = [toTensor([1, 2]), toTensor([3n])].map((value, i) => {
      const inputs = [part.outputs[0] as Output, scalar(i), scalar(2)];
      const name = graph.createOperation("ShardedFilename", { inputs }).outputs[0] as Output;
      const save = graph.createOperation("SaveV2", {
        inputs: [name, strings(graph, [`t${i}`]), strings(graph, [""]), constant(value, { graph })],
        attrs: { dtypes: attr.types([value.dtype]) },
      });
      return { name, save };
    });
    const all = graph.createOperation("Pack", {
      inputs: shards.map(({ name }) => name),
      controlInputs: shards.map(({ save }) => save),
      attrs: { N: attr.int(2), T: attr.type("string") },
    });
    const inputs = [all.outputs[0] as Output, prefix];
    const merge = graph.createOperation("MergeV2Checkpoints", { name: "merge", inputs, attrs });
    const restored = restoreOp(graph, { t0: "float32", t1: "int64" });
    return { shards, merge, restored: [...restored.outputs] };
  }

  const feeds = { "prefix:0": "p", "restore_prefix:0": "p" };

  test("leaves one checkpoint and no temporary files", async () => {
    const { merge, restored } = sharded();
    const storage = new MemoryStorage();
    const session = new LocalSession(merge.graph, { storage });
    await session.run(merge, feeds);
    expect((await storage.list(".")).map(({ name }) => name).toSorted()).toEqual([
      "p.data-00000-of-00002",
      "p.data-00001-of-00002",
      "p.index",
    ]);
    expect(await session.run(restored, feeds)).toEqual([toTensor([1, 2]), toTensor([3n])]);
  });

  test("keeps the folder of the shards on request", async () => {
    const { merge } = sharded({ delete_old_dirs: attr.bool(false) });
    const storage = new MemoryStorage();
    await new LocalSession(merge.graph, { storage }).run(merge, feeds);
    expect(await storage.stat("p_temp")).toMatchObject({ kind: "directory" });
  });

  test("needs every shard, unless missing ones are allowed", async () => {
    for (const allowed of [false, true]) {
      const { merge, shards } = sharded({ allow_missing_files: attr.bool(allowed) });
      (merge.inputs[0] as Output).op.setControlInputs([shards[0]?.save as Operation]);
      const storage = new MemoryStorage();
      const running = new LocalSession(merge.graph, { storage }).run(merge, feeds);
      if (allowed) {
        await running;
        expect(await storage.stat("p.index")).toMatchObject({ kind: "file" });
      } else expect(await rejection(running)).toMatchObject({ kind: "InvalidArgumentError", op: "merge" });
    }
  });
});

test("the graph of an old saver, one RestoreV2 for each variable and a plain constant for the file name", async () => {
  const graph = new Graph();
  const filename = constant("model", { graph, name: "save/Const" });
  const [w, b] = [variable(graph, "w", "float32", [2]), variable(graph, "b", "float32", [2])];
  const noise = graph.createOperation("RandomStandardNormal", {
    inputs: [constant(Int32Array.of(2), { graph })],
    attrs: { dtype: attr.type("float32"), T: attr.type("int32") },
  }).outputs[0] as Output;
  const scaled = operation("Mul", "mul", [noise, constant(0, { graph })]).outputs[0] as Output;
  const initial = operation("Add", "add", [scaled, constant([1, 2], { graph })]).outputs[0] as Output;
  const inits = [assign(w, initial, "w/Assign"), assign(b, [3, 4], "b/Assign")];
  graph.createOperation("NoOp", { name: "init", controlInputs: inits });
  const save = graph.createOperation("SaveV2", {
    inputs: [filename, strings(graph, ["b", "w"]), strings(graph, ["", ""]), b, w],
    attrs: { dtypes: attr.types(["float32", "float32"]) },
  });
  graph.withControlDependencies([save], () => identity(filename, { name: "save/control_dependency" }));
  const assigns = Object.entries({ w, b }).map(([name, ref]) => {
    const restore = graph.createOperation("RestoreV2", {
      inputs: [filename, strings(graph, [name]), strings(graph, [""])],
      attrs: { dtypes: attr.types(["float32"]) },
    });
    return assign(ref, restore.outputs[0] as Output, `save/Assign_${name}`);
  });
  graph.createOperation("NoOp", { name: "save/restore_all", controlInputs: assigns });

  const storage = new MemoryStorage();
  const session = new LocalSession(graph, { storage });
  await session.run("init");
  expect(await session.run("save/control_dependency:0", { "save/Const:0": "p" })).toEqual(toTensor("p"));
  await session.run([operation("AssignSub", "w/zero", [w, w]), operation("AssignSub", "b/zero", [b, b])]);
  await session.run("save/restore_all", { "save/Const:0": "p" });
  expect(await session.run([w, b])).toEqual([toTensor([1, 2]), toTensor([3, 4])]);
});

describe("the oldest operations, which save whole tensors only", () => {
  const storage = new MemoryStorage();
  const values = { b: toTensor([1, 2], "float32"), a: toTensor(["x", ""]) };

  /** Saves both tensors into a V1 file, under these names. */
  function save(type: "Save" | "SaveSlices", path: string, names: readonly string[]) {
    const graph = new Graph();
    const inputs = [
      constant(path, { graph }),
      constant(toTensor(names, "string", [names.length]), { graph }),
      ...(type === "SaveSlices" ? [constant(toTensor(["", ""]), { graph })] : []),
      ...Object.values(constants(graph, values)),
    ];
    const attrs = { T: attr.types(["float32", "string"]) };
    return new LocalSession(graph, { storage }).run(graph.createOperation(type, { inputs, attrs }));
  }

  test("Save writes the same file as SaveSlices for whole tensors", async () => {
    await save("Save", "whole", ["b", "a"]);
    await save("SaveSlices", "slices", ["b", "a"]);
    expect(await readFile(storage, "whole")).toEqual(await readFile(storage, "slices"));
  });

  test("Restore reads it", async () => {
    await save("Save", "whole", ["b", "a"]);
    const graph = new Graph();
    const inputs = [constant("whole", { graph }), constant("a", { graph })];
    const restore = graph.createOperation("Restore", { inputs, attrs: { dt: attr.type("string") } });
    expect(await new LocalSession(graph, { storage }).run(restore.outputs[0] as Output)).toEqual(values.a);
  });

  test("Save needs a name for each tensor", async () => {
    const error = await rejection(save("Save", "whole", ["b"]));
    expect(error).toMatchObject({ kind: "InvalidArgumentError" });
    expect(error.message).toContain("1 tensor names");
  });
});
