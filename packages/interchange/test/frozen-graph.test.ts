import { allocateTensor, type Tensor, tensorBytes, toTensor } from "@tfsaver/core";
import { Graph, identity, tensorFromProto, Variable, withDefaultGraph } from "@tfsaver/graph";
import { freezeGraph } from "@tfsaver/interchange/frozen-graph";
import { exportMetaGraph, writeMetaGraph } from "@tfsaver/meta-graph";
import { GraphDef } from "@tfsaver/proto/graph";
import { type FileStat, MemoryStorage, type ReadableFile, readFile, type WritableFile } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { expect, it } from "vitest";
import { expectAllOrNothing, filesOf } from "./sources.js";

/** Writes the meta graph of a variable of unknown shape, and the checkpoint with its value. */
async function model(storage: MemoryStorage, shape: readonly number[], pieces: Iterable<Tensor>, useResource = false) {
  const graph = new Graph();
  withDefaultGraph(graph, () => {
    const w = Variable.create(toTensor([0]), { name: "w", useResource });
    identity(w.value(), { name: "out" });
  });
  const metaGraph = exportMetaGraph({ graph });
  for (const node of metaGraph.graphDef?.node ?? []) if (node.name === "w") node.attr.delete("shape");
  await writeMetaGraph("model.meta", metaGraph, { storage });
  const writer = new BundleWriter("model", { storage });
  await writer.addStream("w", { dtype: "float32", shape }, pieces);
  await writer.finish();
}

it.each([true, false])("replaces a variable by its value in the checkpoint (resource: %s)", async (useResource) => {
  const storage = new MemoryStorage();
  const value = toTensor([
    [1, 2],
    [3, Number.NaN],
  ]);
  await model(storage, [2, 2], [value], useResource);
  const made = await freezeGraph("model.meta", "model", "m.pb", { storage, outputs: ["out:0"] });
  const bytes = await readFile(storage, "m.pb");
  expect(made).toEqual({ nodes: made.nodes, variables: ["w"], bytes: bytes.length });
  const constant = GraphDef.decode(bytes).node.find(({ op }) => op === "Const");
  const found = constant?.attr.get("value")?.tensor;
  expect(found && tensorBytes(tensorFromProto(found))).toEqual(tensorBytes(value));
  await expectAllOrNothing(storage, 1, (faulty) =>
    freezeGraph("model.meta", "model", "out.pb", { storage: faulty, outputs: ["out"] }),
  );
});

/** A storage that does not keep the content of data files: they are read as zeros. */
class Zeros extends MemoryStorage {
  #size = 0;

  override async create(path: string): Promise<WritableFile> {
    const file = await super.create(path);
    if (!path.includes(".data-")) return file;
    const write = async (chunks: readonly Uint8Array[]) => {
      for (const { length } of chunks) this.#size += length;
    };
    return { path, write, sync: () => file.sync(), close: () => file.close() };
  }

  override async open(path: string): Promise<ReadableFile> {
    const file = await super.open(path);
    return path.includes(".data-")
      ? { path, size: this.#size, readInto: async () => undefined, close: () => file.close() }
      : file;
  }

  override async stat(path: string): Promise<FileStat | undefined> {
    const found = await super.stat(path);
    return found && path.includes(".data-") ? { ...found, size: this.#size } : found;
  }
}

it("refuses a graph above 2 GiB before anything is written", async () => {
  const storage = new Zeros();
  const piece = allocateTensor("float32", [1 << 24]);
  await model(storage, [1 << 29], new Array(32).fill(piece));
  const before = await filesOf(storage);
  await expect(freezeGraph("model.meta", "model", "m.pb", { storage, outputs: ["out"] })).rejects.toThrow(
    /m\.pb would have 2147483\d{3} bytes, and a GraphDef can have 2 GiB at most/,
  );
  expect(await filesOf(storage)).toEqual(before);
});
