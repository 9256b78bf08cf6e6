import { makeTensor, packedStringsOf, type Tensor, tensorStrings, toTensor } from "@tfsaver/core";
import { attr, constant, Graph, identity, type Output, placeholder } from "@tfsaver/graph";
import { MemoryStorage, type ReadableFile, type WritableFile } from "@tfsaver/storage";
import { describe, expect, test } from "vitest";
import { LocalSession } from "../src/index.js";
import { assign, handle, operation, read, restoreOp, saveOp, variable } from "./graphs.js";

/** Records the memory that is written and filled. */
class RecordingStorage extends MemoryStorage {
  readonly written = new Set<ArrayBufferLike>();
  readonly filled = new Set<ArrayBufferLike>();

  override async open(path: string): Promise<ReadableFile> {
    const file = await super.open(path);
    return {
      path,
      size: file.size,
      readInto: (offset, target, options) => {
        for (const part of [target].flat()) this.filled.add(part.buffer);
        return file.readInto(offset, target, options);
      },
      close: () => file.close(),
    };
  }

  override async create(path: string): Promise<WritableFile> {
    const file = await super.create(path);
    const write = (chunks: readonly Uint8Array[]) => {
      for (const chunk of chunks) this.written.add(chunk.buffer);
      return file.write(chunks);
    };
    return { path, write, sync: () => file.sync(), close: () => file.close() };
  }
}

/** A number of floats that is not short; short tensors are always copied. */
const LONG = 2000;
const floats = (start: number, length = LONG) => Float32Array.from({ length }, (_, i) => start + i);

const memory = ({ data }: Tensor) => (data as Float32Array).buffer;

/** A session with a kernel that sees the memory of its input, without the copy of a fetch. */
function peeking(graph: Graph, storage = new RecordingStorage()) {
  const seen: Tensor[] = [];
  const session = new LocalSession(graph, {
    storage,
    kernels: {
      Peek: (call) => {
        seen.push(call.input(0));
      },
    },
  });
  const peek = async (output: Output) => {
    await session.run(graph.createOperation("Peek", { inputs: [output] }));
    return seen.at(-1) as Tensor;
  };
  return { session, storage, peek };
}

describe("saving and restoring", () => {
  test("moves the memory of reference variables", async () => {
    const graph = new Graph();
    const a = variable(graph, "a", "float32", [LONG]);
    const b = variable(graph, "b", "float32", [LONG, 1]);
    const restored = restoreOp(graph, { a: "float32", b: "float32" });
    const shape = constant(Int32Array.of(LONG, 1), { graph });
    const reshaped = operation("Reshape", "reshape", [identity(restored.outputs[1] as Output), shape]);
    graph.createOperation("NoOp", {
      name: "restore_all",
      controlInputs: [
        assign(a, restored.outputs[0] as Output, "A"),
        assign(b, reshaped.outputs[0] as Output, "B", false),
      ],
    });
    saveOp(graph, { a, b });
    const { session, storage, peek } = peeking(graph);
    await session.run([
      assign(a, constant(floats(1), { graph }), "setA"),
      assign(b, constant(makeTensor("float32", [LONG, 1], floats(4)), { graph }), "setB"),
    ]);

    const before = [await peek(a), await peek(b)];
    await session.run("save", { "prefix:0": "p" });
    for (const tensor of before) expect(storage.written).toContain(memory(tensor));

    await session.run("restore_all", { "restore_prefix:0": "p" });
    const after = [await peek(a), await peek(b)];
    for (const tensor of after) {
      expect(storage.filled).toContain(memory(tensor));
      expect(before.map(memory)).not.toContain(memory(tensor));
    }
    expect(after).toEqual(before);
  });

  test("leaves the strings of a checkpoint in one piece", async () => {
    const graph = new Graph();
    const v = variable(graph, "v", "string", [3]);
    const restored = restoreOp(graph, { v: "string" }).outputs[0] as Output;
    const set = assign(v, restored, "restore_v");
    const strings = constant(toTensor(["a", "", "bc"], "string"), { graph });
    saveOp(graph, { v: strings });
    const again = saveOp(graph, { v });
    const { session, peek } = peeking(graph);
    await session.run("save", { "prefix:0": "p" });
    await session.run(set, { "restore_prefix:0": "p" });
    await session.run(again, { "prefix_1:0": "q" });
    // Reading the strings one by one unpacks them for good.
    const kept = await peek(v);
    expect(packedStringsOf(kept)?.lengths).toEqual(Float64Array.of(1, 0, 2));
    expect(tensorStrings(kept)).toHaveLength(3);
    expect(packedStringsOf(kept)).toBeUndefined();
  });

  test("moves the memory of resource variables", async () => {
    const graph = new Graph();
    const r = handle(graph, "r", "float32", [LONG]);
    const value = read(graph, r, "float32", "read");
    const restored = restoreOp(graph, { r: "float32" });
    operation("AssignVariableOp", "assign", [r, identity(restored.outputs[0] as Output)]);
    operation("AssignVariableOp", "set", [r, constant(floats(1), { graph })]);
    saveOp(graph, { r: identity(value) });
    const { session, storage, peek } = peeking(graph);
    await session.run("set");
    await session.run("save", { "prefix:0": "p" });
    expect(storage.written).toContain(memory(await peek(value)));
    await session.run("assign", { "restore_prefix:0": "p" });
    expect(storage.filled).toContain(memory(await peek(value)));
  });
});

describe("memory of the caller", () => {
  test.each([2, LONG])("is not kept by a variable of %d floats", async (length) => {
    const graph = new Graph();
    const value = placeholder("float32", { graph, name: "value" });
    const shape = constant(Int32Array.of(length, 1), { graph });
    const reshaped = operation("Reshape", "reshape", [identity(value), shape]).outputs[0] as Output;
    const a = variable(graph, "a", "float32", [length]);
    const b = variable(graph, "b", "float32", [length, 1]);
    const r = handle(graph, "r", "float32", [length]);
    const sets = [
      assign(a, value, "A"),
      assign(b, reshaped, "B"),
      operation("AssignVariableOp", "R", [r, identity(value)]),
    ];
    const session = new LocalSession(graph);
    const fetches = [a, b, read(graph, r, "float32", "read")];
    for (const wrap of [(data: Float32Array) => data, (data: Float32Array) => makeTensor("float32", [length], data)]) {
      const mine = floats(1, length);
      await session.run(sets, new Map([[value, wrap(mine)]]));
      mine.fill(99);
      for (const { data } of await session.run(fetches)) expect(data).toEqual(floats(1, length));
    }
  });

  test("is not kept by a variable of strings", async () => {
    const graph = new Graph();
    const value = placeholder("string", { graph, name: "value" });
    const packed = operation("Pack", "pack", [value], { N: attr.int(1) }).outputs[0] as Output;
    const a = variable(graph, "a", "string", [1]);
    const session = new LocalSession(graph);
    const mine = Uint8Array.of(65);
    await session.run(assign(a, packed), new Map([[value, mine]]));
    mine[0] = 66;
    const fetched = await session.run(a);
    expect(tensorStrings(fetched)).toEqual([Uint8Array.of(65)]);
    tensorStrings(fetched)[0]?.fill(67);
    expect(tensorStrings(await session.run(a))).toEqual([Uint8Array.of(65)]);
  });

  test("is copied only for a variable", async () => {
    const graph = new Graph();
    const value = placeholder("float32", { graph, name: "value" });
    const storage = new RecordingStorage();
    const mine = floats(1);
    const session = new LocalSession(graph, { storage });
    await session.run(saveOp(graph, { v: identity(value) }), { "prefix:0": "p", "value:0": mine });
    expect(storage.written).toContain(mine.buffer);
  });

  test.each([2, LONG])(
    "of %d floats may be written to after fetching, without harm to a variable or a constant",
    async (length) => {
      const graph = new Graph();
      const c = constant(floats(1, length), { graph, name: "c" });
      const a = variable(graph, "a", "float32", [length]);
      const set = assign(a, c, "set");
      const r = handle(graph, "r", "float32", [length]);
      const value = read(graph, r, "float32", "read");
      const session = new LocalSession(graph);
      await session.run([set, operation("AssignVariableOp", "setR", [r, c])]);
      const fetches = [c, a, identity(a), value, set.outputs[0] as Output, identity(c)];
      for (const { data } of await session.run(fetches)) (data as Float32Array).fill(99);
      for (const { data } of await session.run(fetches)) expect(data).toEqual(floats(1, length));
    },
  );

  test("does not change when the variable does", async () => {
    const graph = new Graph();
    const a = variable(graph, "a", "float32", [1]);
    const session = new LocalSession(graph);
    await session.run(assign(a, [1]));
    const before = await session.run(a);
    await session.run(operation("AssignAdd", "add", [a, constant([1], { graph })]));
    expect(before.data).toEqual(Float32Array.of(1));
  });

  test("is not copied if there is no other reference to it", async () => {
    const graph = new Graph();
    const restored = restoreOp(graph, { v: "float32" }).outputs[0] as Output;
    const storage = new RecordingStorage();
    const session = new LocalSession(graph, { storage });
    await session.run(saveOp(graph, { v: constant(floats(1), { graph }) }), { "prefix:0": "p" });
    expect(storage.filled).toContain(memory(await session.run(restored, { "restore_prefix:0": "p" })));
  });
});
