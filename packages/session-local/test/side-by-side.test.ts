import { makeTensor, type Tensor } from "@tfsaver/core";
import { attr, constant, Graph, type Operation, type Output, placeholder } from "@tfsaver/graph";
import { MemoryStorage, type ReadableFile, type WritableFile } from "@tfsaver/storage";
import { expect, test } from "vitest";
import { LocalSession } from "../src/index.js";
import { handle, operation, read } from "./graphs.js";

const FILES = ["p0", "p1", "p2"] as const;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Records when files are read and written: `+` at the start, `-` at the end. */
class SlowStorage extends MemoryStorage {
  readonly events: string[] = [];

  override async open(path: string): Promise<ReadableFile> {
    const file = await super.open(path);
    const readInto: ReadableFile["readInto"] = (offset, targets, options) =>
      this.#slowly(path, () => file.readInto(offset, targets, options));
    return { path, size: file.size, readInto, close: () => file.close() };
  }

  override async create(path: string): Promise<WritableFile> {
    const file = await super.create(path);
    return {
      path,
      write: (chunks) => this.#slowly(path, () => file.write(chunks)),
      sync: file.sync,
      close: file.close,
    };
  }

  async #slowly<T>(path: string, action: () => Promise<T>): Promise<T> {
    if (!path.includes(".data-")) return action();
    const name = path.slice(0, 2);
    this.events.push(`+${name}`);
    for (let i = 0; i < 5; i++) await turn();
    const result = await action();
    this.events.push(`-${name}`);
    return result;
  }
}

/** Variables `v0`, `v1`, …, each with a file of its own, as in a sharded checkpoint. */
function shards() {
  const graph = new Graph();
  const prefixes = FILES.map((name) => placeholder("string", { graph, shape: [], name }));
  const strings = (text: string) => constant([text], { graph, dtype: "string" });
  const handles = FILES.map((_, i) => handle(graph, `v${i}`, "float32", [2]));
  const io = (type: string, i: number, inputs: readonly Output[]) =>
    graph.createOperation(type, {
      name: `${type}${i}`,
      inputs: [prefixes[i] as Output, strings("v"), strings(""), ...inputs],
      attrs: { dtypes: attr.types(["float32"]) },
    });
  const saves = handles.map((ref, i) => io("SaveV2", i, [read(graph, ref, "float32", `read${i}`)]));
  // As in a saver's graph, a name follows each save.
  const saved = saves.map((save, i) =>
    graph.createOperation("Identity", {
      inputs: [prefixes[i] as Output],
      controlInputs: [save],
      attrs: { T: attr.type("string") },
    }),
  );
  const restores = handles.map((ref, i) => {
    const value = io("RestoreV2", i, []).outputs[0] as Output;
    return operation("AssignVariableOp", `assign${i}`, [ref, value]);
  });
  const set = handles.map((ref, i) =>
    operation("AssignVariableOp", `set${i}`, [ref, constant(Float32Array.of(i, i), { graph })]),
  );
  const feeds = new Map(prefixes.map((output, i) => [output, FILES[i] as string]));
  const values = handles.map((ref, i) => read(graph, ref, "float32", `value${i}`));
  return { graph, saves, saved, restores, set, feeds, values };
}

const numbers = (tensors: readonly (Tensor | null)[]) =>
  tensors.map((tensor) => Array.from(tensor?.data as Float32Array));

test("files are written and read side by side, and what needs all of them waits", async () => {
  const { graph, saved, restores, set, feeds, values } = shards();
  const storage = new SlowStorage();
  const session = new LocalSession(graph, { storage });
  await session.run(set);
  const outputs = saved.map((op) => op.outputs[0] as Output);
  await session.run(outputs, feeds);
  expect(storage.events.slice(0, 3)).toEqual(["+p0", "+p1", "+p2"]);
  storage.events.length = 0;
  await session.run(
    set.map((_, i) =>
      operation("AssignSubVariableOp", `zero${i}`, [
        (set[i] as Operation).inputs[0] as Output,
        constant(Float32Array.of(i, i), { graph }),
      ]),
    ),
  );
  expect(numbers(await session.run(values))).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  await session.run(restores, feeds);
  expect(storage.events.slice(0, 3)).toEqual(["+p0", "+p1", "+p2"]);
  expect(numbers(await session.run(values))).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
});

test("a failure of one file ends the run when the others have ended, changes no variable, and is that of the first", async () => {
  const { graph, saves, restores, set, feeds, values } = shards();
  const storage = new SlowStorage();
  const session = new LocalSession(graph, { storage });
  await session.run(set);
  await session.run(saves, feeds);
  for (const name of ["p1", "p2"]) {
    const file = await storage.create(`${name}.data-00000-of-00001`);
    await file.write([new Uint8Array(8).fill(7)]);
    await file.close();
  }
  storage.events.length = 0;
  await expect(session.run(restores, feeds)).rejects.toMatchObject({ kind: "DataLossError", op: "RestoreV21" });
  expect(storage.events.slice(-3).sort()).toEqual(["-p0", "-p1", "-p2"]);
  expect(numbers(await session.run(values))).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
});

test("an assignment after a save in the same run comes when the save has ended", async () => {
  const { graph, saves, set, feeds, restores, values } = shards();
  const storage = new SlowStorage();
  const session = new LocalSession(graph, { storage });
  await session.run(set);
  const change = operation("AssignVariableOp", "change", [
    (set[0] as Operation).inputs[0] as Output,
    constant(makeTensor("float32", [2], Float32Array.of(9, 9)), { graph }),
  ]);
  await session.run([...saves, change], feeds);
  expect(numbers(await session.run([values[0] as Output]))).toEqual([[9, 9]]);
  await session.run(restores, feeds);
  expect(numbers(await session.run(values))).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
});

test("a tensor that several operations restore at once is read once", async () => {
  const { graph, saves, set, feeds } = shards();
  const storage = new SlowStorage();
  const session = new LocalSession(graph, { storage, limits: { bytes: 0 } });
  await session.run(set);
  await session.run(saves, feeds);
  storage.events.length = 0;
  const strings = (text: string) => constant([text], { graph, dtype: "string" });
  const again = Array.from({ length: 4 }, (_, i) =>
    graph.createOperation("RestoreV2", {
      name: `again${i}`,
      inputs: [constant("p2", { graph }), strings("v"), strings("")],
      attrs: { dtypes: attr.types(["float32"]) },
    }),
  );
  const tensors = await session.run(again.map((op) => op.outputs[0] as Output));
  expect(numbers(tensors)).toEqual(again.map(() => [2, 2]));
  expect(storage.events).toEqual(["+p2", "-p2"]);
});
